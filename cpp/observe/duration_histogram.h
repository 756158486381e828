#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace boardcast {

/// Percentiles of durations from 0 to 4 s in steps of 0.25 ms, in constant memory. Longer ones
/// count as 4 s, negative ones as 0. Thread: bound to whoever owns it.
class DurationHistogram {
 public:
  DurationHistogram();

  void Add(Duration value);

  /// The value below which `share` (0 to 1) of all values lie; 0 if there are none.
  Duration Percentile(double share) const;

  std::uint64_t count() const { return count_; }

 private:
  std::vector<std::uint32_t> bins_;
  std::uint64_t count_ = 0;
};

}  // namespace boardcast
