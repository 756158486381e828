#include "wire/rtp.h"

#include <cassert>

namespace boardcast {
namespace {

constexpr std::uint8_t kVersion = 2;

Error Malformed(const char* what) { return {ErrorCode::kMalformed, what}; }

}  // namespace

Result<RtpView> ParseRtp(Bytes packet) {
  ByteReader reader(packet);
  const std::uint8_t first = reader.U8();
  const std::uint8_t second = reader.U8();
  RtpView view;
  view.header.marker = (second & 0x80) != 0;
  view.header.payload_type = second & 0x7f;
  view.header.sequence_number = reader.U16();
  view.header.timestamp = reader.U32();
  view.header.ssrc = reader.U32();
  reader.Skip(4u * (first & 0x0f));  // CSRC list.
  if ((first & 0x10) != 0) {         // Header extension: profile word, length in 32-bit words.
    reader.Skip(2);
    reader.Skip(4u * reader.U16());
  }
  if (!reader.ok()) return Malformed("RTP packet ends within its header");
  if (first >> 6 != kVersion) return Malformed("RTP packet is not of version 2");

  view.header_size = packet.size() - reader.remaining();
  view.payload = reader.Rest();
  if ((first & 0x20) != 0) {
    // The last byte counts the padding, itself included (RFC 3550 section 5.1).
    const std::size_t padding = view.payload.empty() ? 0 : view.payload.back();
    if (padding == 0 || padding > view.payload.size()) {
      return Malformed("RTP padding is longer than the payload, or empty");
    }
    view.payload = view.payload.first(view.payload.size() - padding);
  }
  return view;
}

void WriteRtpHeader(const RtpHeader& header, MutableBytes out) {
  ByteWriter writer(out);
  writer.U8(kVersion << 6);
  writer.U8(static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7f)));
  writer.U16(header.sequence_number);
  writer.U32(header.timestamp);
  writer.U32(header.ssrc);
  assert(writer.ok());
}

bool IsRtcp(Bytes datagram) {
  // RTCP types 192 to 223 stand where RTP has its marker bit and payload types 64 to 95, which no
  // stream uses for that reason.
  return datagram.size() >= 2 && datagram[0] >> 6 == kVersion && datagram[1] >= 192 &&
         datagram[1] <= 223;
}

}  // namespace boardcast
