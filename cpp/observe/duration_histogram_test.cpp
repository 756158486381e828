#include "observe/duration_histogram.h"

#include <gtest/gtest.h>

namespace boardcast {
namespace {

TEST(DurationHistogram, PercentilesOfAUniformSeries) {
  DurationHistogram histogram;
  for (int ms = 1; ms <= 100; ++ms) histogram.Add(std::chrono::milliseconds(ms));
  EXPECT_NEAR(histogram.Percentile(0.50).count(), 50'000, 250);
  EXPECT_NEAR(histogram.Percentile(0.95).count(), 95'000, 250);
  EXPECT_NEAR(histogram.Percentile(1.00).count(), 100'000, 250);
  EXPECT_EQ(histogram.count(), 100u);
}

TEST(DurationHistogram, OutOfRangeValuesAreClamped) {
  DurationHistogram histogram;
  EXPECT_EQ(histogram.Percentile(0.5), Duration{0});
  histogram.Add(-5ms);
  EXPECT_LT(histogram.Percentile(1.0), 1ms);
  histogram.Add(60s);
  EXPECT_NEAR(histogram.Percentile(1.0).count(), 4'000'000, 250);
}

}  // namespace
}  // namespace boardcast
