#include "wire/h264_bitstream.h"

#include <algorithm>
#include <array>

namespace boardcast {
namespace {

constexpr std::size_t kStartCodeSize = 3;

/// Position of the first 00 00 01 in `bytes`, or their size. Looks at every third byte as long as
/// that cannot be part of a start code.
std::size_t FindStartCode(Bytes bytes) {
  std::size_t last = kStartCodeSize - 1;  // Where the 01 would be.
  while (last < bytes.size()) {
    if (bytes[last] == 0) {
      ++last;
    } else if (bytes[last] == 1 && bytes[last - 1] == 0 && bytes[last - 2] == 0) {
      return last - 2;
    } else {
      last += kStartCodeSize;
    }
  }
  return bytes.size();
}

Bytes AfterStartCode(Bytes bytes) {
  const std::size_t start = FindStartCode(bytes);
  return start == bytes.size() ? Bytes() : bytes.subspan(start + kStartCodeSize);
}

/// Reads bits of a NAL unit and leaves out emulation prevention bytes (H.264 section 7.4.1.1).
/// Past the end, or after a code that is too long, it yields zeros and ok() is false for good.
class RbspReader {
 public:
  explicit RbspReader(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }

  std::uint32_t Bit() {
    if (bits_left_ == 0) NextByte();
    if (!ok_) return 0;
    return byte_ >> --bits_left_ & 1;
  }
  std::uint32_t Bits(int count) {
    std::uint32_t value = 0;
    while (count-- > 0) value = value << 1 | Bit();
    return value;
  }
  /// ue(v), section 9.1.
  std::uint32_t Unsigned() {
    int zeros = 0;
    while (Bit() == 0) {
      if (++zeros > 31) ok_ = false;
      if (!ok_) return 0;
    }
    return (1u << zeros) - 1 + Bits(zeros);
  }
  /// ue(v) that may not exceed `limit`.
  std::uint32_t UnsignedUpTo(std::uint32_t limit) {
    const std::uint32_t value = Unsigned();
    if (value > limit) ok_ = false;
    return ok_ ? value : 0;
  }
  /// se(v), section 9.1.1.
  std::int64_t Signed() {
    const std::int64_t code = Unsigned();
    return code % 2 == 0 ? -(code / 2) : (code + 1) / 2;
  }

 private:
  void NextByte() {
    if (zeros_ >= 2 && position_ < bytes_.size() && bytes_[position_] == 3) {
      ++position_;
      zeros_ = 0;
    }
    if (position_ == bytes_.size()) {
      ok_ = false;
      return;
    }
    byte_ = bytes_[position_++];
    zeros_ = byte_ == 0 ? zeros_ + 1 : 0;
    bits_left_ = 8;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  unsigned byte_ = 0;
  int bits_left_ = 0;
  std::size_t zeros_ = 0;
  bool ok_ = true;
};

/// scaling_list() of section 7.3.2.1.1.1: only its length matters.
void SkipScalingList(RbspReader& reader, int size) {
  std::int64_t last = 8;
  std::int64_t next = 8;
  for (int i = 0; i < size && next != 0; ++i) {
    next = (last + reader.Signed()) & 0xff;
    if (next != 0) last = next;
  }
}

/// The fields that only the High profiles have; returns ChromaArrayType.
std::uint32_t ParseHighFields(RbspReader& reader) {
  const std::uint32_t chroma_format = reader.UnsignedUpTo(3);
  const bool separate_planes = chroma_format == 3 && reader.Bit() != 0;
  reader.UnsignedUpTo(6);  // Bit depths above 8.
  reader.UnsignedUpTo(6);
  reader.Bit();             // Lossless bypass.
  if (reader.Bit() != 0) {  // Scaling matrices.
    const int lists = chroma_format == 3 ? 12 : 8;
    for (int i = 0; i < lists; ++i) {
      if (reader.Bit() != 0) SkipScalingList(reader, i < 6 ? 16 : 64);
    }
  }
  return separate_planes ? 0 : chroma_format;
}

void SkipPictureOrderCount(RbspReader& reader) {
  const std::uint32_t type = reader.UnsignedUpTo(2);
  if (type == 0) reader.UnsignedUpTo(12);
  if (type != 1) return;
  reader.Bit();
  reader.Signed();
  reader.Signed();
  const std::uint32_t count = reader.UnsignedUpTo(255);
  for (std::uint32_t i = 0; i < count; ++i) reader.Signed();
}

bool HasHighFields(std::uint8_t profile_idc) {
  static constexpr std::array<std::uint8_t, 13> kProfiles = {100, 110, 122, 244, 44,  83, 86,
                                                             118, 128, 138, 139, 134, 135};
  return std::ranges::find(kProfiles, profile_idc) != kProfiles.end();
}

/// Picture size in luma samples (sections 7.4.2.1.1, formulas 7-13 to 7-22); leaves it at 0 if the
/// cropping takes everything.
void ParseSize(RbspReader& reader, std::uint32_t chroma_array_type, SpsInfo& info) {
  constexpr std::uint32_t kMaxMacroblocks = 1024;  // 16,384 samples, four times level 5.2.
  const std::uint32_t columns = reader.UnsignedUpTo(kMaxMacroblocks - 1) + 1;
  const std::uint32_t rows = reader.UnsignedUpTo(kMaxMacroblocks - 1) + 1;
  const std::uint32_t fields = 2 - reader.Bit();  // A row of field pairs counts twice.
  if (fields == 2) reader.Bit();
  reader.Bit();
  std::int64_t width = 16 * columns;
  std::int64_t height = 16 * rows * fields;
  if (reader.Bit() != 0) {
    const std::int64_t unit_x = chroma_array_type == 1 || chroma_array_type == 2 ? 2 : 1;
    const std::int64_t unit_y = (chroma_array_type == 1 ? 2 : 1) * fields;
    width -= unit_x * reader.Unsigned();
    width -= unit_x * reader.Unsigned();
    height -= unit_y * reader.Unsigned();
    height -= unit_y * reader.Unsigned();
  }
  if (width <= 0 || height <= 0) return;
  info.width = static_cast<int>(width);
  info.height = static_cast<int>(height);
}

}  // namespace

NalIterator::NalIterator(Bytes annexb) : rest_(AfterStartCode(annexb)) {}

Bytes NalIterator::Next() {
  while (!rest_.empty()) {
    const std::size_t end = FindStartCode(rest_);
    Bytes unit = rest_.first(end);
    rest_ = AfterStartCode(rest_.subspan(end));
    while (!unit.empty() && unit.back() == 0) unit = unit.first(unit.size() - 1);
    if (!unit.empty()) return unit;
  }
  return {};
}

std::optional<SpsInfo> ParseSps(Bytes nal) {
  if (nal.empty() || NalTypeOf(nal[0]) != NalType::kSps) return std::nullopt;
  RbspReader reader(nal.subspan(1));
  SpsInfo info;
  info.profile_idc = static_cast<std::uint8_t>(reader.Bits(8));
  info.constraint_flags = static_cast<std::uint8_t>(reader.Bits(8));
  info.level_idc = static_cast<std::uint8_t>(reader.Bits(8));
  reader.UnsignedUpTo(31);  // seq_parameter_set_id
  const std::uint32_t chroma_array_type =
      HasHighFields(info.profile_idc) ? ParseHighFields(reader) : 1;
  reader.UnsignedUpTo(12);  // log2_max_frame_num_minus4
  SkipPictureOrderCount(reader);
  reader.Unsigned();  // max_num_ref_frames
  reader.Bit();       // gaps_in_frame_num_value_allowed_flag
  ParseSize(reader, chroma_array_type, info);
  if (!reader.ok() || info.width == 0) return std::nullopt;
  return info;
}

}  // namespace boardcast
