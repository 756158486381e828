#include "wire/h264_depacketizer.h"

#include <algorithm>
#include <array>

#include "wire/h264_bitstream.h"

namespace boardcast {
namespace {

constexpr std::array<std::uint8_t, 4> kStartCode = {0, 0, 0, 1};
constexpr std::uint8_t kForbiddenBit = 0x80;
constexpr std::uint8_t kFuStart = 0x80;
constexpr std::uint8_t kFuEnd = 0x40;
constexpr std::uint8_t kTypeMask = 0x1f;

Error Malformed(const char* what) { return {ErrorCode::kMalformed, what}; }

/// A NAL unit that may stand in an Annex B stream, as opposed to a payload structure.
bool IsPlainUnit(std::uint8_t first_byte) {
  const NalType type = NalTypeOf(first_byte);
  return (first_byte & kForbiddenBit) == 0 && type >= NalType::kNonIdrSlice &&
         type <= NalType::kLastPlainType;
}

bool BelongsToKeyFrame(std::uint8_t first_byte) {
  const NalType type = NalTypeOf(first_byte);
  return type == NalType::kSps || type == NalType::kIdrSlice;
}

/// Calls `visit` for each unit of a STAP-A (RFC 6184 section 5.7.1) until one is malformed; returns
/// whether none is.
template <typename Visit>
bool ForEachAggregated(Bytes payload, Visit visit) {
  ByteReader reader(payload.subspan(1));
  do {
    const Bytes nal = reader.Take(reader.U16());
    if (nal.empty() || !IsPlainUnit(nal[0])) return false;
    visit(nal);
  } while (reader.remaining() > 0);
  return true;
}

void AppendBytes(Bytes bytes, std::vector<std::uint8_t>& access_unit) {
  access_unit.insert(access_unit.end(), bytes.begin(), bytes.end());
}

Status CheckRoom(const std::vector<std::uint8_t>& access_unit, std::size_t more) {
  if (access_unit.size() + more <= kMaxAccessUnit) return Ok{};
  return Error{ErrorCode::kOverflow, "Access unit is larger than 4 MiB"};
}

}  // namespace

Status H264Depacketizer::Append(Bytes payload, std::vector<std::uint8_t>& access_unit) {
  if (!payload.empty() && NalTypeOf(payload[0]) == NalType::kFuA) {
    Status status = AppendFragment(payload, access_unit);
    if (!status.ok()) OnLoss(access_unit);
    return status;
  }
  OnLoss(access_unit);  // A fragmented unit in progress did not get its end.
  if (payload.empty()) return Malformed("H.264 payload is empty");
  if (NalTypeOf(payload[0]) == NalType::kStapA) return AppendAggregate(payload, access_unit);
  if (IsPlainUnit(payload[0])) return AppendWhole(payload, access_unit);
  return Malformed("H.264 payload has an unknown structure");
}

void H264Depacketizer::OnLoss(std::vector<std::uint8_t>& access_unit) {
  if (!fragment_start_) return;
  access_unit.resize(std::min(*fragment_start_, access_unit.size()));
  fragment_start_.reset();
}

Status H264Depacketizer::AppendWhole(Bytes nal, std::vector<std::uint8_t>& access_unit) {
  if (Status room = CheckRoom(access_unit, kStartCode.size() + nal.size()); !room.ok()) return room;
  AppendBytes(kStartCode, access_unit);
  AppendBytes(nal, access_unit);
  return Ok{};
}

Status H264Depacketizer::AppendAggregate(Bytes payload, std::vector<std::uint8_t>& access_unit) {
  std::size_t size = 0;
  const auto measure = [&](Bytes nal) { size += kStartCode.size() + nal.size(); };
  if (!ForEachAggregated(payload, measure)) return Malformed("STAP-A is malformed");
  if (Status room = CheckRoom(access_unit, size); !room.ok()) return room;
  ForEachAggregated(payload, [&](Bytes nal) {
    AppendBytes(kStartCode, access_unit);
    AppendBytes(nal, access_unit);
  });
  return Ok{};
}

Status H264Depacketizer::AppendFragment(Bytes payload, std::vector<std::uint8_t>& access_unit) {
  ByteReader reader(payload);
  const std::uint8_t indicator = reader.U8();
  const std::uint8_t header = reader.U8();
  const Bytes part = reader.Rest();
  const auto first_byte =
      static_cast<std::uint8_t>((indicator & ~kTypeMask) | (header & kTypeMask));
  const bool start = (header & kFuStart) != 0;
  const bool end = (header & kFuEnd) != 0;
  // RFC 6184 section 5.8: a unit that fits into one FU must not be sent as one.
  if (!reader.ok() || (start && end) || !IsPlainUnit(first_byte)) {
    return Malformed("FU-A is malformed");
  }
  if (start) OnLoss(access_unit);
  if (!start && !fragment_start_) return Ok{};
  const std::size_t more = part.size() + (start ? kStartCode.size() + 1 : 0);
  if (Status room = CheckRoom(access_unit, more); !room.ok()) return room;
  if (start) {
    fragment_start_ = access_unit.size();
    AppendBytes(kStartCode, access_unit);
    access_unit.push_back(first_byte);
  } else if (access_unit[*fragment_start_ + kStartCode.size()] != first_byte) {
    return Malformed("FU-A continues another NAL unit");
  }
  AppendBytes(part, access_unit);
  if (end) fragment_start_.reset();
  return Ok{};
}

bool StartsKeyFrame(Bytes payload) {
  if (payload.empty()) return false;
  if (NalTypeOf(payload[0]) == NalType::kFuA) {
    return payload.size() > 1 && (payload[1] & kFuStart) != 0 && BelongsToKeyFrame(payload[1]);
  }
  if (NalTypeOf(payload[0]) != NalType::kStapA) return BelongsToKeyFrame(payload[0]);
  bool found = false;
  ForEachAggregated(payload, [&](Bytes nal) { found = found || BelongsToKeyFrame(nal[0]); });
  return found;
}

bool StartsWithSps(Bytes payload) {
  if (payload.empty()) return false;
  if (NalTypeOf(payload[0]) != NalType::kStapA) return NalTypeOf(payload[0]) == NalType::kSps;
  // The first unit's size lies between the STAP-A header and the unit (RFC 6184 section 5.7.1).
  return payload.size() > 3 && NalTypeOf(payload[3]) == NalType::kSps;
}

bool IsFrameStart(Bytes payload) {
  if (payload.empty()) return false;
  return NalTypeOf(payload[0]) != NalType::kFuA ||
         (payload.size() > 1 && (payload[1] & kFuStart) != 0);
}

}  // namespace boardcast
