#include "wire/h264_packetizer.h"

#include <algorithm>
#include <cassert>

#include "wire/h264_bitstream.h"

namespace boardcast {
namespace {

constexpr std::size_t kStapHeaderSize = 1;
constexpr std::size_t kStapLengthSize = 2;
constexpr std::size_t kFuHeaderSize = 2;
constexpr std::uint8_t kFuStart = 0x80;
constexpr std::uint8_t kFuEnd = 0x40;
constexpr std::uint8_t kForbiddenBit = 0x80;
constexpr std::uint8_t kRefIdcMask = 0x60;
constexpr std::uint8_t kTypeMask = 0x1f;

}  // namespace

H264Packetizer::H264Packetizer(std::size_t max_payload) : max_payload_(max_payload) {
  assert(max_payload >= 16);
  nals_.reserve(64);
  plan_.reserve(256);
}

void H264Packetizer::Begin(Bytes access_unit) {
  nals_.clear();
  plan_.clear();
  next_ = 0;
  std::size_t aggregate = 0;  // Size that the last payload has as a STAP-A; 0: none may be joined.
  NalIterator units(access_unit);
  for (Bytes nal = units.Next(); !nal.empty(); nal = units.Next()) {
    if (NalTypeOf(nal[0]) == NalType::kAccessUnitDelimiter) continue;
    nals_.push_back(nal);
    if (nal.size() > max_payload_) {
      PlanFragments(nals_.size() - 1);
      aggregate = 0;
      continue;
    }
    const std::size_t share = kStapLengthSize + nal.size();
    if (aggregate > 0 && aggregate + share <= max_payload_) {
      ++plan_.back().nal_count;
      aggregate += share;
    } else {
      plan_.push_back({.first_nal = nals_.size() - 1, .nal_count = 1});
      aggregate = kStapHeaderSize + share;
    }
  }
}

void H264Packetizer::PlanFragments(std::size_t nal) {
  const std::size_t room = max_payload_ - kFuHeaderSize;
  const std::size_t total = nals_[nal].size() - 1;  // The unit's header byte goes into FU headers.
  const std::size_t count = (total + room - 1) / room;
  std::size_t offset = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = total / count + (i < total % count ? 1 : 0);
    plan_.push_back({.first_nal = nal, .nal_count = 1, .offset = offset, .size = size});
    offset += size;
  }
}

std::size_t H264Packetizer::Next(MutableBytes out) {
  assert(!done() && out.size() >= max_payload_);
  const Piece& piece = plan_[next_++];
  ByteWriter writer(out);
  if (piece.size > 0) {
    WriteFragment(piece, writer);
  } else {
    WriteWhole(piece, writer);
  }
  return writer.size();
}

void H264Packetizer::WriteWhole(const Piece& piece, ByteWriter& writer) const {
  const std::span units = std::span(nals_).subspan(piece.first_nal, piece.nal_count);
  if (units.size() == 1) {
    writer.Write(units[0]);
    return;
  }
  // RFC 6184 section 5.7.1: the aggregate is as important, and as damaged, as its worst unit.
  std::uint8_t forbidden = 0;
  std::uint8_t ref_idc = 0;
  for (const Bytes nal : units) {
    forbidden = static_cast<std::uint8_t>(forbidden | (nal[0] & kForbiddenBit));
    ref_idc = std::max(ref_idc, static_cast<std::uint8_t>(nal[0] & kRefIdcMask));
  }
  writer.U8(
      static_cast<std::uint8_t>(forbidden | ref_idc | static_cast<std::uint8_t>(NalType::kStapA)));
  for (const Bytes nal : units) {
    writer.U16(static_cast<std::uint16_t>(nal.size()));
    writer.Write(nal);
  }
}

void H264Packetizer::WriteFragment(const Piece& piece, ByteWriter& writer) const {
  const Bytes nal = nals_[piece.first_nal];
  const std::uint8_t start = piece.offset == 1 ? kFuStart : 0;
  const std::uint8_t end = piece.offset + piece.size == nal.size() ? kFuEnd : 0;
  writer.U8(
      static_cast<std::uint8_t>((nal[0] & ~kTypeMask) | static_cast<std::uint8_t>(NalType::kFuA)));
  writer.U8(static_cast<std::uint8_t>(start | end | (nal[0] & kTypeMask)));
  writer.Write(nal.subspan(piece.offset, piece.size));
}

}  // namespace boardcast
