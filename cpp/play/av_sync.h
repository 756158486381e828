#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace boardcast {

/// Keeps lips and voice together: says how long video and audio must wait at least, so that both
/// play what was captured at the same moment within +-20 ms. The one that comes too early is
/// delayed; a delay given before is taken back first, so that latency does not pile up. Small
/// differences are left alone, since every move costs a repeated or lost picture or stretched
/// sound.
///
/// Pure. Thread: whichever calls it, always the same.
class AvSync {
 public:
  /// One of the two streams, as it plays at present.
  struct Stream {
    Timestamp
        capture_time{};  ///< Of what was last played, by the sender's clock (the same for both).
    Timestamp playout_time{};  ///< When that was played, by our clock.
    Duration wanted_delay{0};  ///< What its jitter buffer wants by itself.
  };

  /// To be kept in addition to each buffer's own wish: the larger of the two counts.
  struct Delays {
    Duration video_minimum{0};
    Duration audio_minimum{0};
    bool operator==(const Delays&) const = default;
  };

  static constexpr Duration kDeadBand = 25ms;  ///< Less than this is not corrected.
  static constexpr Duration kMaxStep = 80ms;   ///< Of one change.
  static constexpr Duration kMaxDelay = 1s;    ///< Of a minimum: a stream that does not follow must
                                               ///< not push it up for ever.

  /// To be called regularly (every 20 to 100 ms) while both play. Changes come at least 250 ms
  /// apart, so that each has taken effect before the next is decided.
  Delays Update(const Stream& video, const Stream& audio, Timestamp now);

  /// How much later video plays than audio; the last value given to Update().
  Duration skew() const { return skew_; }

  /// What 95 % of all values of |skew| so far do not exceed.
  Duration skew_p95() const;

 private:
  static constexpr Duration kSettle = 150ms;   ///< After a change, until it can be seen.
  static constexpr Duration kObserve = 100ms;  ///< Then averaged for this long.
  static constexpr Duration kBin = 1ms;
  static constexpr std::size_t kBins = 1000;  ///< The last one also holds everything beyond.

  void Correct(Duration skew, Duration video_wanted, Duration audio_wanted);
  void StartObserving(Timestamp begin);

  Delays delays_;
  Duration skew_{0};
  std::optional<Timestamp> observe_from_;
  Duration skew_sum_{0};
  std::int64_t skew_samples_ = 0;
  std::array<std::uint32_t, kBins> histogram_{};  ///< Of |skew|, rounded up to whole bins.
  std::uint64_t histogram_samples_ = 0;
};

}  // namespace boardcast
