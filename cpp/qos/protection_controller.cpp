#include "qos/protection_controller.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace boardcast {
namespace {

// A report covers some tens of packets, where 5 % true loss reads as anything from 0 to 15 %. Were
// each peak believed, the ratio would sit far above what the link needs.
constexpr Duration kSmoothing = 1s;  // Half-lives.
constexpr Duration kRise = 500ms;
constexpr Duration kFall = 5s;
// What one report may say about the time before it: after a silence it does not wipe out the past.
constexpr Duration kMaxInterval = 5s;
constexpr Duration kFirstInterval = 1s;

// Too little to protect against; also where the exponential decay ends.
constexpr double kNegligibleLoss = 0.0005;
constexpr double kMaxRepairRatio = 0.5;
constexpr double kMaxKeyFrameRatio = 1.0;

constexpr int kCopies = 3;
constexpr double kCopyLoss = 0.02;
constexpr Duration kCopyRoundTrip = 50ms;

// At 5 % random loss 20 % repair over blocks of some twenty packets leaves well under 1 % to
// retransmission; two copies of those, and the noise of the estimate, still keep protection as a
// whole below 30 % of the media. Less repair would save bytes, but each frame that waits for a
// retransmission is late by a round trip.
struct Point {
  double loss;
  double ratio;
};
constexpr std::array<Point, 6> kTable = {
    {{0, 0}, {0.01, 0.08}, {0.03, 0.16}, {0.05, 0.20}, {0.1, 0.32}, {0.2, kMaxRepairRatio}}};

double RatioFor(double loss) {
  for (std::size_t i = 1; i < kTable.size(); ++i) {
    if (loss >= kTable[i].loss) continue;
    const Point& low = kTable[i - 1];
    const Point& high = kTable[i];
    return low.ratio + (high.ratio - low.ratio) * (loss - low.loss) / (high.loss - low.loss);
  }
  return kMaxRepairRatio;
}

// What is left of a difference after `elapsed`.
double Decay(Duration elapsed, Duration half_life) {
  return std::exp2(-static_cast<double>(elapsed.count()) / static_cast<double>(half_life.count()));
}

}  // namespace

void ProtectionController::OnLossReport(double fraction_lost, Timestamp now) {
  if (!(fraction_lost >= 0 && fraction_lost <= 1)) return;  // Also false for NaN.
  const Duration elapsed =
      last_report_ ? std::clamp<Duration>(now - *last_report_, Duration{0}, kMaxInterval)
                   : kFirstInterval;
  const double fallen = expected_loss(now);
  recent_ = fraction_lost + (recent_ - fraction_lost) * Decay(elapsed, kSmoothing);
  expected_ = recent_ > fallen ? recent_ + (fallen - recent_) * Decay(elapsed, kRise) : fallen;
  last_report_ = now;
}

void ProtectionController::OnRoundTrip(Duration round_trip) {
  if (round_trip >= Duration{0}) round_trip_ = round_trip;
}

double ProtectionController::expected_loss(Timestamp now) const {
  double loss = expected_;
  if (last_report_ && expected_ > recent_) {
    const Duration elapsed = std::clamp<Duration>(now - *last_report_, Duration{0}, kMaxInterval);
    loss = recent_ + (expected_ - recent_) * Decay(elapsed, kFall);
  }
  return loss < kNegligibleLoss ? 0 : loss;
}

double ProtectionController::repair_ratio(Timestamp now) const {
  return RatioFor(expected_loss(now));
}

double ProtectionController::key_frame_ratio(Timestamp now) const {
  return std::min(2 * repair_ratio(now), kMaxKeyFrameRatio);
}

int ProtectionController::retransmission_copies() const {
  return expected_ > kCopyLoss && round_trip_ > kCopyRoundTrip ? kCopies : 1;
}

}  // namespace boardcast
