#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace boardcast {

/// Largest access unit in bytes that a peer can make us hold.
inline constexpr std::size_t kMaxAccessUnit = 4 * 1024 * 1024;

/// Joins RTP payloads of packetization-mode 1 (RFC 6184: single NAL unit, STAP-A, FU-A) to an
/// access unit in Annex B form with four-byte start codes. The caller puts packets in order, owns
/// the buffer, and changes it only after Reset(). Thread-bound.
class H264Depacketizer {
 public:
  /// Begins another access unit.
  void Reset() { fragment_start_.reset(); }

  /// Appends what `payload` carries. kMalformed, or kOverflow beyond kMaxAccessUnit: nothing of it
  /// was appended, and a fragmented unit in progress is dropped. The rest of a fragmented unit
  /// whose start is missing is passed over, without an error.
  Status Append(Bytes payload, std::vector<std::uint8_t>& access_unit);

  /// Packets are missing here: takes a fragmented unit in progress out of `access_unit` again. Also
  /// to be called after the last packet: a marker bit does not prove that the last unit is whole.
  void OnLoss(std::vector<std::uint8_t>& access_unit);

 private:
  Status AppendWhole(Bytes nal, std::vector<std::uint8_t>& access_unit);
  Status AppendAggregate(Bytes payload, std::vector<std::uint8_t>& access_unit);
  Status AppendFragment(Bytes payload, std::vector<std::uint8_t>& access_unit);

  /// Where in the access unit the fragmented unit in progress begins.
  std::optional<std::size_t> fragment_start_;
};

/// Whether a key frame begins with this payload: it has an SPS, an IDR slice, or the start of one.
bool StartsKeyFrame(Bytes payload);

/// Whether this payload begins with an SPS. Parameter sets come first in a key frame, so nothing of
/// it is missing before this payload.
bool StartsWithSps(Bytes payload);

/// Whether a frame may begin with this payload: it is anything but the later part of an FU-A.
bool IsFrameStart(Bytes payload);

}  // namespace boardcast
