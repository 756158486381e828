#include "observe/frame_trace.h"

#include <algorithm>

namespace boardcast {

void FrameTrace::Enable() {
  const std::scoped_lock lock(mutex_);
  enabled_ = true;
  records_.reserve(kCapacity);
}

void FrameTrace::Add(const FrameTraceRecord& record) {
  const std::scoped_lock lock(mutex_);
  if (!enabled_) return;
  if (records_.size() < kCapacity) {
    records_.push_back(record);
    return;
  }
  records_[next_] = record;
  next_ = (next_ + 1) % kCapacity;
}

std::vector<FrameTraceRecord> FrameTrace::Take() {
  const std::scoped_lock lock(mutex_);
  std::vector<FrameTraceRecord> taken = records_;
  std::rotate(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(next_), taken.end());
  records_.clear();
  next_ = 0;
  return taken;
}

}  // namespace boardcast
