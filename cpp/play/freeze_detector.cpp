#include "play/freeze_detector.h"

#include <algorithm>

namespace boardcast {

void FreezeDetector::OnFrame(Timestamp now) {
  if (last_) {
    const Duration gap = now - *last_;
    if (IsFreeze(gap)) {
      ++freeze_count_;
      total_freezes_duration_ += gap;
    }
    sum_ += gap - gaps_[next_];
    gaps_[next_] = gap;
    next_ = (next_ + 1) % kWindow;
    count_ = std::min(count_ + 1, kWindow);
  }
  last_ = now;
}

bool FreezeDetector::IsFreeze(Duration gap) const {
  if (count_ < kMinGaps) return false;
  const Duration average = sum_ / static_cast<std::int64_t>(count_);
  return gap >= std::max(3 * average, average + kMargin);
}

}  // namespace boardcast
