#include "recover/delay_estimator.h"

#include <gtest/gtest.h>

namespace boardcast {
namespace {

const Timestamp kStart(1000s);

/// Adds media 20 ms apart from index `from` to `to`, each late by late(index).
template <typename Late>
Duration AddRange(DelayEstimator& estimator, int from, int to, Late late) {
  Duration lateness{0};
  for (int i = from; i < to; ++i) {
    lateness = estimator.Add(kStart + 20ms * i + late(i), 20ms * i);
  }
  return lateness;
}

TEST(DelayEstimator, SteadyMediaIsNeverLate) {
  DelayEstimator estimator;
  EXPECT_EQ(estimator.Percentile(0.95), 0ms);
  EXPECT_EQ(AddRange(estimator, 0, 500, [](int) { return 0ms; }), 0ms);
  EXPECT_EQ(estimator.Percentile(0.95), 0ms);
  EXPECT_EQ(estimator.EarliestArrival(20ms), kStart + 20ms);
}

TEST(DelayEstimator, PercentileLeavesOutRareLateness) {
  struct Case {
    int every;
    double share;
    Duration expected;
  };
  const Case cases[] = {{5, 0.95, 40ms}, {50, 0.95, 0ms}, {50, 0.99, 40ms}, {5, 0.5, 0ms}};
  for (const Case& c : cases) {
    DelayEstimator estimator;
    AddRange(estimator, 0, 500, [&](int i) { return i % c.every == 0 ? 40ms : 0ms; });
    EXPECT_EQ(estimator.Percentile(c.share), c.expected) << c.every << " " << c.share;
  }
}

TEST(DelayEstimator, ForgetsWithinHalfAMinute) {
  DelayEstimator estimator;
  AddRange(estimator, 0, 200, [](int i) { return i % 2 ? 80ms : 0ms; });
  EXPECT_EQ(estimator.Percentile(0.95), 80ms);
  AddRange(estimator, 200, 200 + 1'500, [](int) { return 0ms; });
  EXPECT_EQ(estimator.Percentile(0.95), 0ms);
}

TEST(DelayEstimator, QuickerPathCountsAtOnceSlowerWithinTenSeconds) {
  DelayEstimator estimator;
  AddRange(estimator, 0, 100, [](int) { return 50ms; });
  EXPECT_EQ(AddRange(estimator, 100, 101, [](int) { return 10ms; }), 0ms);
  EXPECT_EQ(AddRange(estimator, 101, 300, [](int) { return 50ms; }), 40ms);
  EXPECT_EQ(AddRange(estimator, 300, 101 + 600, [](int) { return 50ms; }), 0ms);
}

TEST(DelayEstimator, FollowsADriftingClock) {
  DelayEstimator estimator;  // 200 ppm slow: 4 us later each 20 ms.
  const Duration lateness = AddRange(estimator, 0, 10'000, [](int i) { return 4us * i; });
  EXPECT_LE(lateness, 2ms);
  EXPECT_LE(estimator.Percentile(0.95), 3ms);
}

TEST(DelayEstimator, StartsAfreshWhenTheClocksBreak) {
  for (const Duration jump : {Duration(3s), Duration(-3s)}) {
    DelayEstimator estimator;
    AddRange(estimator, 0, 100, [](int i) { return i % 2 ? 30ms : 0ms; });
    EXPECT_EQ(estimator.Add(kStart + 2s, 2s - jump), 0ms);
    EXPECT_EQ(estimator.Percentile(0.95), 0ms);
  }
}

TEST(DelayEstimator, LatenessBeyondTheHistogramIsItsLastBin) {
  DelayEstimator estimator;
  AddRange(estimator, 0, 40, [](int i) { return i % 2 ? 1500ms : 0ms; });
  EXPECT_EQ(estimator.Percentile(0.95), DelayEstimator::kMaxLateness);
}

}  // namespace
}  // namespace boardcast
