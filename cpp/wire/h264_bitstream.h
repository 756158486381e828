#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/byte_reader.h"

namespace boardcast {

/// nal_unit_type (H.264 table 7-1), and the payload structures of RFC 6184 section 5.2.
enum class NalType : std::uint8_t {
  kNonIdrSlice = 1,
  kIdrSlice = 5,
  kSei = 6,
  kSps = 7,
  kPps = 8,
  kAccessUnitDelimiter = 9,
  kLastPlainType = 23,
  kStapA = 24,
  kFuA = 28,
};

inline NalType NalTypeOf(std::uint8_t first_byte) {
  return static_cast<NalType>(first_byte & 0x1f);
}

/// Walks the NAL units of an Annex B buffer (H.264 annex B.1): start codes of three or four bytes,
/// zeros before and after a unit are no part of it. Bytes before the first start code are skipped.
class NalIterator {
 public:
  explicit NalIterator(Bytes annexb);

  /// The next unit with its header byte, without its start code; empty at the end.
  Bytes Next();

 private:
  Bytes rest_;  ///< Begins behind a start code.
};

/// What a sequence parameter set says about the picture.
struct SpsInfo {
  std::uint8_t profile_idc = 0;
  std::uint8_t constraint_flags = 0;  ///< constraint_set0_flag is the highest bit.
  std::uint8_t level_idc = 0;         ///< Ten times the level.
  int width = 0;                      ///< Luma pixels after cropping.
  int height = 0;

  bool operator==(const SpsInfo&) const = default;
};

/// Parses an SPS (H.264 section 7.3.2.1.1, up to the cropping) given as a NAL unit with its header
/// byte; nothing if it is none, is cut off, or says what no decoder could do.
std::optional<SpsInfo> ParseSps(Bytes nal);

}  // namespace boardcast
