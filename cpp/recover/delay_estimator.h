#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/time.h"

namespace boardcast {

/// Measures how much later than the quickest the media of one stream arrives: the base of both
/// jitter buffers.
///
/// The quickest of the last 10 s is the base, so a sender's clock may drift, and the base follows a
/// longer path within that time. Lateness against it goes into a histogram of 1 ms bins that
/// forgets within about 10 s. Pure; no allocation. Thread: network loop.
class DelayEstimator {
 public:
  /// Largest lateness told apart.
  static constexpr Duration kMaxLateness = 1s;

  /// Records media that arrived at `arrival` and stands at `media_time` on the sender's clock (any
  /// zero). Returns its lateness: 0 for the quickest. A break of more than 2 s either way in the
  /// relation of the two clocks starts afresh.
  Duration Add(Timestamp arrival, Duration media_time);

  /// When media at `media_time` would have arrived had it been as quick as the quickest.
  Timestamp EarliestArrival(Duration media_time) const { return Timestamp(base_ + media_time); }

  /// Lateness that the given share (0..1) of the recent media stays within; 0 before the first.
  Duration Percentile(double share) const;

 private:
  struct WindowPart {
    std::int64_t second = std::numeric_limits<std::int64_t>::min();
    Duration quickest{0};
  };

  void Restart();
  void UpdateBase(Duration transit, std::int64_t second);

  std::optional<Timestamp> newest_;
  Duration base_{0};
  std::array<WindowPart, 10> window_{};  ///< One part for each second, by its number modulo 10.
  std::array<float, kMaxLateness / 1ms + 1> histogram_{};
};

}  // namespace boardcast
