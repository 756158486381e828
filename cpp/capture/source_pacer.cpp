#include "capture/source_pacer.h"

#include <algorithm>
#include <cmath>

namespace boardcast {

Timestamp SourcePacer::NextDue(Timestamp now) {
  if (!start_) start_ = now;
  const Timestamp due = config_.paced ? *start_ + MediaTime(next_) : now;
  return std::max(due, not_before_);
}

std::int64_t SourcePacer::Take(Timestamp now) {
  if (!start_) start_ = now;
  if (config_.paced && now - (*start_ + MediaTime(next_)) > config_.max_lag) {
    const double elapsed = static_cast<double>((now - *start_).count()) * 1e-6;
    auto newest = static_cast<std::int64_t>(elapsed * config_.rate);
    if (*start_ + MediaTime(newest) > now) --newest;  // Rounded up to the next microsecond.
    newest = std::max(newest, next_);
    skipped_ += static_cast<std::uint64_t>(newest - next_);
    next_ = newest;
  }
  return next_++;
}

Duration SourcePacer::MediaTime(std::int64_t index) const {
  return Duration(std::llround(static_cast<double>(index) * 1e6 / config_.rate));
}

}  // namespace boardcast
