#include "observe/duration_histogram.h"

#include <algorithm>
#include <cmath>

namespace boardcast {
namespace {

constexpr Duration kStep = 250us;
constexpr std::int64_t kBins = 4s / kStep;

}  // namespace

DurationHistogram::DurationHistogram() : bins_(kBins) {}

void DurationHistogram::Add(Duration value) {
  ++bins_[std::clamp<std::int64_t>(value / kStep, 0, kBins - 1)];
  ++count_;
}

Duration DurationHistogram::Percentile(double share) const {
  if (count_ == 0) return Duration{0};
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::int64_t bin = 0; bin < kBins; ++bin) {
    seen += bins_[bin];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) return bin * kStep + kStep / 2;
  }
  return 4s;
}

}  // namespace boardcast
