#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace boardcast {

/// Counts freezes as people see them: freezeCount and totalFreezesDuration of the W3C's
/// webrtc-stats. A picture that stays for at least max(3 x average, average + 150 ms) is frozen;
/// the average is that of the last 30 pictures before it.
///
/// Pure. Thread: the play thread.
class FreezeDetector {
 public:
  /// A picture came on show at `now`.
  void OnFrame(Timestamp now);

  /// Playing was interrupted on purpose: the gap up to the next frame is no freeze.
  void OnPause() { last_.reset(); }

  std::uint64_t freeze_count() const { return freeze_count_; }
  Duration total_freezes_duration() const { return total_freezes_duration_; }

 private:
  static constexpr std::size_t kWindow = 30;
  static constexpr std::size_t kMinGaps = 5;  ///< Below this an average says nothing.
  static constexpr Duration kMargin = 150ms;

  bool IsFreeze(Duration gap) const;

  std::optional<Timestamp> last_;
  std::array<Duration, kWindow> gaps_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  Duration sum_{0};
  std::uint64_t freeze_count_ = 0;
  Duration total_freezes_duration_{0};
};

}  // namespace boardcast
