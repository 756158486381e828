#include "recover/delay_estimator.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace boardcast {
namespace {

constexpr Duration kMaxBreak = 2s;
constexpr double kForgetSeconds = 10.0;

}  // namespace

Duration DelayEstimator::Add(Timestamp arrival, Duration media_time) {
  // What waited for an older packet may come with an earlier time than that one.
  const Timestamp now = newest_ ? std::max(*newest_, arrival) : arrival;
  const Duration transit = arrival.time_since_epoch() - media_time;
  if (newest_ && std::chrono::abs(transit - base_) > kMaxBreak) Restart();

  const Duration step = newest_ ? now - *newest_ : Duration(0);
  newest_ = now;
  UpdateBase(transit, now.time_since_epoch() / 1s);

  const Duration lateness = transit - base_;
  const auto keep =
      static_cast<float>(std::exp(-static_cast<double>(step.count()) / 1e6 / kForgetSeconds));
  for (float& weight : histogram_) weight *= keep;
  // Rounded up: a percentile is then never less than what it stands for.
  const Duration bin = (std::min(lateness, kMaxLateness) + 999us) / 1000;
  histogram_[static_cast<std::size_t>(bin.count())] += 1;
  return lateness;
}

Duration DelayEstimator::Percentile(double share) const {
  const double total = std::accumulate(histogram_.begin(), histogram_.end(), 0.0);
  double sum = 0;
  for (std::size_t bin = 0; bin < histogram_.size(); ++bin) {
    sum += histogram_[bin];
    if (sum >= share * total) return 1ms * bin;
  }
  return kMaxLateness;
}

void DelayEstimator::Restart() {
  newest_.reset();
  window_.fill({});
  histogram_.fill(0);
}

void DelayEstimator::UpdateBase(Duration transit, std::int64_t second) {
  WindowPart& part = window_[static_cast<std::size_t>(second % std::ssize(window_))];
  part = part.second == second ? WindowPart{second, std::min(part.quickest, transit)}
                               : WindowPart{second, transit};
  base_ = transit;
  for (const WindowPart& other : window_) {
    if (other.second > second - std::ssize(window_)) base_ = std::min(base_, other.quickest);
  }
}

}  // namespace boardcast
