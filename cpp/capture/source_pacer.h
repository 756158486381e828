#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace boardcast {

/// Gives the frames (or blocks) of a file or a generator out at their own rate: number n is due at
/// start + n / rate, so rounding never adds up. A reader that falls far behind gets the newest due
/// one, as it would from a device.
///
/// Pure: no clock, no thread. The clock starts with the first call that passes `now`.
class SourcePacer {
 public:
  struct Config {
    double rate = 30;           ///< A second.
    bool paced = true;          ///< False: everything is due at once and nothing is skipped.
    Duration max_lag = 200ms;   ///< Further behind than this, skip forward.
    Duration retry_wait = 2ms;  ///< After Defer().
  };

  explicit SourcePacer(Config config) : config_(config) {}

  /// When the next one is due; for an unpaced source that is `now`.
  Timestamp NextDue(Timestamp now);

  /// Takes the next number, to be called once it is due. Numbers left out add to skipped().
  std::int64_t Take(Timestamp now);

  /// No buffer was free: the same number is due again shortly.
  void Defer(Timestamp now) { not_before_ = now + config_.retry_wait; }

  /// Position of number `index` in the source.
  Duration MediaTime(std::int64_t index) const;

  std::uint64_t skipped() const { return skipped_; }

 private:
  const Config config_;
  std::optional<Timestamp> start_;
  Timestamp not_before_ = Timestamp::min();
  std::int64_t next_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace boardcast
