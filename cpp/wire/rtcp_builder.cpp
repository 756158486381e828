#include "wire/rtcp_builder.h"

#include <algorithm>
#include <cassert>

namespace boardcast {
namespace {

constexpr std::size_t kHeaderSize = 4;
constexpr std::size_t kBlockSize = 24;
constexpr std::size_t kNackItemSize = 4;

std::uint32_t Clamp24(std::int32_t value) {
  return static_cast<std::uint32_t>(std::clamp(value, -0x80'0000, 0x7f'ffff)) & 0xff'ffff;
}

/// One item of a generic NACK: a sequence number and a bit for each of the 16 after it.
struct NackItem {
  std::uint16_t pid = 0;
  std::uint16_t blp = 0;
};

/// Takes as many numbers from the front of `rest` as one item holds.
NackItem TakeNackItem(std::span<const std::uint16_t>& rest) {
  NackItem item{.pid = rest.front()};
  rest = rest.subspan(1);
  while (!rest.empty()) {
    const auto distance = static_cast<std::uint16_t>(rest.front() - item.pid);
    if (distance < 1 || distance > 16) break;
    item.blp = static_cast<std::uint16_t>(item.blp | 1u << (distance - 1));
    rest = rest.subspan(1);
  }
  return item;
}

}  // namespace

/// Begins a packet of `size` bytes, its header included. The length field counts 32-bit words
/// without the first.
void RtcpBuilder::Header(std::uint8_t count, std::uint8_t type, std::size_t size) {
  assert(count <= kMaxRtcpCount && size % 4 == 0);
  writer_.U8(static_cast<std::uint8_t>(0x80 | count));
  writer_.U8(type);
  writer_.U16(static_cast<std::uint16_t>(size / 4 - 1));
}

void RtcpBuilder::Blocks(std::span<const ReportBlock> blocks) {
  for (const ReportBlock& block : blocks) {
    writer_.U32(block.ssrc);
    writer_.U8(block.fraction_lost);
    writer_.U24(Clamp24(block.cumulative_lost));
    writer_.U32(block.highest_sequence);
    writer_.U32(block.jitter);
    writer_.U32(block.last_sr);
    writer_.U32(block.delay_since_last_sr);
  }
}

void RtcpBuilder::AddSenderReport(const SenderReport& report, std::span<const ReportBlock> blocks) {
  Header(static_cast<std::uint8_t>(blocks.size()), rtcp_type::kSenderReport,
         kHeaderSize + 24 + kBlockSize * blocks.size());
  writer_.U32(report.sender_ssrc);
  writer_.U64(report.ntp.value);
  writer_.U32(report.rtp_timestamp);
  writer_.U32(report.packet_count);
  writer_.U32(report.octet_count);
  Blocks(blocks);
}

void RtcpBuilder::AddReceiverReport(std::uint32_t sender_ssrc,
                                    std::span<const ReportBlock> blocks) {
  Header(static_cast<std::uint8_t>(blocks.size()), rtcp_type::kReceiverReport,
         kHeaderSize + 4 + kBlockSize * blocks.size());
  writer_.U32(sender_ssrc);
  Blocks(blocks);
}

void RtcpBuilder::AddCname(std::uint32_t ssrc, std::string_view cname) {
  cname = cname.substr(0, 255);
  // One chunk; a zero ends its items, and more zeros fill its last word (RFC 3550 section 6.5).
  const std::size_t items = 2 + cname.size();
  const std::size_t padding = 4 - items % 4;
  Header(1, rtcp_type::kSourceDescription, kHeaderSize + 4 + items + padding);
  writer_.U32(ssrc);
  writer_.U8(kSdesCname);
  writer_.U8(static_cast<std::uint8_t>(cname.size()));
  writer_.Write({reinterpret_cast<const std::uint8_t*>(cname.data()), cname.size()});
  for (std::size_t i = 0; i < padding; ++i) writer_.U8(0);
}

std::size_t RtcpBuilder::AddNack(const Nack& nack) {
  constexpr std::size_t kFixedSize = kHeaderSize + 8;
  if (nack.sequence_numbers.empty() || writer_.remaining() < kFixedSize + kNackItemSize) return 0;
  const std::size_t room = (writer_.remaining() - kFixedSize) / kNackItemSize;

  // The length comes before the items: counted first, then written.
  std::size_t items = 0;
  std::span<const std::uint16_t> rest = nack.sequence_numbers;
  for (; items < room && !rest.empty(); ++items) TakeNackItem(rest);
  const std::size_t taken = nack.sequence_numbers.size() - rest.size();

  Header(feedback_format::kNack, rtcp_type::kTransportFeedback, kFixedSize + kNackItemSize * items);
  writer_.U32(nack.sender_ssrc);
  writer_.U32(nack.media_ssrc);
  rest = nack.sequence_numbers.first(taken);
  while (!rest.empty()) {
    const NackItem item = TakeNackItem(rest);
    writer_.U16(item.pid);
    writer_.U16(item.blp);
  }
  return taken;
}

void RtcpBuilder::AddPli(std::uint32_t sender_ssrc, std::uint32_t media_ssrc) {
  Header(feedback_format::kPli, rtcp_type::kPayloadFeedback, kHeaderSize + 8);
  writer_.U32(sender_ssrc);
  writer_.U32(media_ssrc);
}

void RtcpBuilder::AddBye(std::span<const std::uint32_t> ssrcs) {
  Header(static_cast<std::uint8_t>(ssrcs.size()), rtcp_type::kBye, kHeaderSize + 4 * ssrcs.size());
  for (const std::uint32_t ssrc : ssrcs) writer_.U32(ssrc);
}

}  // namespace boardcast
