#include "qos/protection_controller.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "testing/random.h"

namespace boardcast {
namespace {

const Timestamp t0 = FromMicros(1'000'000);

// Reports `loss` every 200 ms from `start` until `end`.
void Report(ProtectionController& controller, double loss, Timestamp start, Timestamp end) {
  for (Timestamp now = start; now <= end; now += 200ms) controller.OnLossReport(loss, now);
}

TEST(ProtectionControllerTest, StartsCautiouslyAndStaysSoWithoutReports) {
  const ProtectionController controller;
  EXPECT_NEAR(controller.repair_ratio(t0), 0.20, 1e-9);
  EXPECT_NEAR(controller.key_frame_ratio(t0 + 1h), 0.40, 1e-9);
  EXPECT_EQ(controller.retransmission_copies(), 1);
}

TEST(ProtectionControllerTest, FollowsTheTableUnderSteadyLoss) {
  const struct {
    double loss;
    double ratio;
    double key_frame_ratio;
  } cases[] = {{0, 0, 0},          {0.005, 0.04, 0.08}, {0.01, 0.08, 0.16},
               {0.03, 0.16, 0.32}, {0.05, 0.20, 0.40},  {0.1, 0.32, 0.64},
               {0.15, 0.41, 0.82}, {0.2, 0.5, 1},       {0.9, 0.5, 1}};
  for (const auto& [loss, ratio, key_frame_ratio] : cases) {
    ProtectionController controller;
    Report(controller, loss, t0, t0 + 60s);
    EXPECT_NEAR(controller.repair_ratio(t0 + 60s), ratio, 0.005) << loss;
    EXPECT_NEAR(controller.key_frame_ratio(t0 + 60s), key_frame_ratio, 0.01) << loss;
  }
}

TEST(ProtectionControllerTest, RisesInSecondsAndFallsSlowly) {
  ProtectionController controller;
  Report(controller, 0, t0, t0 + 60s);
  ASSERT_EQ(controller.repair_ratio(t0 + 60s), 0);
  Report(controller, 0.1, t0 + 60s, t0 + 63s);
  EXPECT_GT(controller.expected_loss(t0 + 63s), 0.07);
  Report(controller, 0.1, t0 + 63s, t0 + 90s);
  Report(controller, 0, t0 + 90s, t0 + 95s);
  EXPECT_GT(controller.expected_loss(t0 + 95s), 0.045);
  EXPECT_LT(controller.expected_loss(t0 + 95s), 0.07);
  Report(controller, 0, t0 + 95s, t0 + 140s);
  EXPECT_EQ(controller.repair_ratio(t0 + 140s), 0);
}

TEST(ProtectionControllerTest, HoldsItsValueWhenReportsStop) {
  ProtectionController controller;
  Report(controller, 0.05, t0, t0 + 60s);
  EXPECT_NEAR(controller.repair_ratio(t0 + 1h), 0.20, 0.005);
  // The first report after a long silence does not wipe out what was known.
  controller.OnLossReport(0.2, t0 + 2h);
  controller.OnLossReport(0, t0 + 4h);
  EXPECT_GT(controller.repair_ratio(t0 + 4h), 0.14);
}

TEST(ProtectionControllerTest, IgnoresNonsense) {
  ProtectionController controller;
  for (const double loss : {std::nan(""), -0.1, 1.1, std::numeric_limits<double>::infinity()}) {
    controller.OnLossReport(loss, t0);
  }
  EXPECT_NEAR(controller.repair_ratio(t0), 0.20, 1e-9);
  controller.OnRoundTrip(-1ms);
  controller.OnLossReport(0.05, t0);
  controller.OnLossReport(0.05, t0 - 1s);  // A clock that went back does no harm either.
  EXPECT_GT(controller.repair_ratio(t0), 0.19);
}

TEST(ProtectionControllerTest, RepeatsRetransmissionsOnLongLossyPathsOnly) {
  const struct {
    double loss;
    Duration round_trip;
    int copies;
  } cases[] = {{0.05, 80ms, 3}, {0.05, 50ms, 1}, {0.01, 80ms, 1}, {0.01, 20ms, 1}};
  for (const auto& [loss, round_trip, copies] : cases) {
    ProtectionController controller;
    controller.OnRoundTrip(round_trip);
    Report(controller, loss, t0, t0 + 60s);
    EXPECT_EQ(controller.retransmission_copies(), copies) << loss;
  }
}

// What the noise of real reports makes of the table: 5 % random loss, 90 packets a second, fraction
// in 1/256 as RTCP carries it.
TEST(ProtectionControllerTest, ReportNoiseDoesNotInflateTheRatio) {
  for (const Duration interval : {Duration(100ms), Duration(250ms), Duration(1s)}) {
    ProtectionController controller;
    Random random(5);
    double sum = 0;
    int count = 0;
    const auto packets = static_cast<int>(90 * interval / 1s);
    for (Timestamp now = t0; now < t0 + 300s; now += interval) {
      int lost = 0;
      for (int i = 0; i < packets; ++i) lost += random.Chance(0.05) ? 1 : 0;
      controller.OnLossReport(std::floor(lost * 256.0 / packets) / 256, now);
      if (now < t0 + 10s) continue;
      sum += controller.repair_ratio(now);
      ++count;
    }
    EXPECT_GT(sum / count, 0.19) << interval.count();
    EXPECT_LT(sum / count, 0.27) << interval.count();
  }
}

}  // namespace
}  // namespace boardcast
