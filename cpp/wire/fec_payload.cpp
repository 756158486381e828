#include "wire/fec_payload.h"

#include <algorithm>
#include <utility>

namespace boardcast {
namespace {

constexpr std::uint8_t kReedSolomonBlock = 1;

Error Malformed(const char* what) { return {ErrorCode::kMalformed, what}; }

}  // namespace

Result<FecRepair> ParseFecRepair(Bytes payload) {
  ByteReader reader(payload);
  if (reader.U8() != kReedSolomonBlock && reader.ok()) {
    return Error{ErrorCode::kUnsupported, "FEC packet is of an unknown scheme"};
  }
  FecRepair repair;
  repair.source_count = reader.U8();
  repair.repair_count = reader.U8();
  repair.repair_index = reader.U8();
  repair.base_sequence_number = reader.U16();
  repair.symbol = reader.Rest();
  if (!reader.ok()) return Malformed("FEC packet ends within its header");
  if (repair.source_count < 1 || repair.source_count > kMaxFecSourceCount ||
      repair.repair_count < 1 || repair.repair_count > kMaxFecRepairCount ||
      repair.repair_index >= repair.repair_count) {
    return Malformed("FEC packet names an impossible block");
  }
  if (repair.symbol.size() < kFecSymbolHeaderSize || repair.symbol.size() > kMaxFecSymbol) {
    return Malformed("FEC symbol has an impossible size");
  }
  return repair;
}

std::size_t WriteFecRepair(const FecRepair& repair, MutableBytes out) {
  ByteWriter writer(out);
  writer.U8(kReedSolomonBlock);
  writer.U8(repair.source_count);
  writer.U8(repair.repair_count);
  writer.U8(repair.repair_index);
  writer.U16(repair.base_sequence_number);
  const MutableBytes place = writer.Reserve(repair.symbol.size());
  if (!writer.ok()) return 0;
  if (place.data() != repair.symbol.data()) std::ranges::copy(repair.symbol, place.begin());
  return writer.size();
}

std::size_t WriteFecSymbol(Bytes rtp_packet, MutableBytes out) {
  ByteReader reader(rtp_packet);
  const std::uint8_t first = reader.U8();
  const std::uint8_t second = reader.U8();
  reader.Skip(2);  // Sequence number: the block knows it.
  const std::uint32_t timestamp = reader.U32();
  reader.Skip(4);  // SSRC: one stream, one block.
  const Bytes body = reader.Rest();
  if (!reader.ok() || body.size() > 0xffff) return 0;

  ByteWriter writer(out);
  writer.U8(first & 0x3f);
  writer.U8(second);
  writer.U16(static_cast<std::uint16_t>(body.size()));
  writer.U32(timestamp);
  writer.Write(body);
  if (!writer.ok()) return 0;
  std::ranges::fill(out.subspan(writer.size()), std::uint8_t{0});
  return writer.size();
}

Result<std::size_t> PacketFromFecSymbol(Bytes symbol, std::uint16_t sequence_number,
                                        std::uint32_t ssrc, MutableBytes out) {
  ByteReader reader(symbol);
  const std::uint8_t first = reader.U8();
  const std::uint8_t second = reader.U8();
  const std::size_t body_size = reader.U16();
  const std::uint32_t timestamp = reader.U32();
  const Bytes body = reader.Take(body_size);
  if (!reader.ok()) return Malformed("FEC symbol is shorter than its packet");
  // A lying repair packet gives noise, which these two checks catch.
  const bool padded =
      std::ranges::all_of(reader.Rest(), [](std::uint8_t byte) { return byte == 0; });
  if ((first & 0xc0) != 0 || !padded) return Malformed("FEC symbol holds no packet");

  ByteWriter writer(out);
  writer.U8(0x80 | first);
  writer.U8(second);
  writer.U16(sequence_number);
  writer.U32(timestamp);
  writer.U32(ssrc);
  writer.Write(body);
  if (!writer.ok()) return Error{ErrorCode::kOverflow, "FEC symbol is larger than a packet buffer"};
  if (Result<RtpView> view = ParseRtp(out.first(writer.size())); !view.ok()) {
    return std::move(view).error();
  }
  return writer.size();
}

}  // namespace boardcast
