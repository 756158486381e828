#include "capture/tone_source.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace boardcast {
namespace {

const Timestamp t0 = FromMicros(5'000'000);

/// Level of `hertz` in `samples`, in dB below full scale.
double Level(std::span<const std::int16_t> samples, double hertz) {
  double re = 0;
  double im = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double turn = 2 * std::numbers::pi * hertz * static_cast<double>(i) / kSampleRate;
    re += samples[i] * std::cos(turn);
    im += samples[i] * std::sin(turn);
  }
  return 20 * std::log10(2 * std::hypot(re, im) / static_cast<double>(samples.size()) / 32767);
}

std::vector<std::int16_t> Seconds(ToneSource& source, int seconds) {
  std::vector<std::int16_t> all;
  for (int n = 0; n < seconds * 100; ++n) {
    auto block = source.Read(t0);
    EXPECT_TRUE(block && *block);
    const auto data = (*block)->data();
    all.insert(all.end(), data.begin(), data.end());
  }
  return all;
}

TEST(ToneSource, BeepsForTheFirst100MsOfEachSecondOverAQuietBed) {
  ToneSource source({.paced = false});
  const std::vector<std::int16_t> all = Seconds(source, 3);
  for (int second = 0; second < 3; ++second) {
    const auto part = [&](int from_ms, int ms) {
      return std::span(all).subspan((second * 1000 + from_ms) * 48, ms * 48);
    };
    EXPECT_NEAR(Level(part(10, 50), 1000), -12, 0.3);
    EXPECT_LT(Level(part(110, 850), 1000), -80);
    EXPECT_NEAR(Level(part(200, 500), 440), -40, 0.3);
  }
}

TEST(ToneSource, HasNoClicks) {
  ToneSource source({.paced = false});
  const std::vector<std::int16_t> all = Seconds(source, 2);
  int steepest = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    steepest = std::max(steepest, std::abs(all[i] - all[i - 1]));
  }
  EXPECT_LT(steepest, 1200);  // The steepest slope of both sines together.
}

TEST(ToneSource, StereoHasTheSameOnBothSides) {
  ToneSource source({.channels = 2, .paced = false});
  const std::vector<std::int16_t> all = Seconds(source, 1);
  ASSERT_EQ(all.size(), 96'000u);
  for (std::size_t i = 0; i < all.size(); i += 2) ASSERT_EQ(all[i], all[i + 1]);
}

TEST(ToneSource, ComesEvery10Ms) {
  ToneSource source({});
  EXPECT_EQ(source.Wait(t0).due, t0);
  for (int n = 0; n < 10; ++n) {
    const Timestamp due = t0 + n * 10ms;
    EXPECT_EQ(source.Wait(due).due, due);
    auto block = source.Read(due);
    ASSERT_TRUE(block && *block);
    EXPECT_EQ((*block)->media_time_us, n * 10'000);
    EXPECT_EQ((*block)->capture_time, due);
  }
}

TEST(ToneSource, ALateReaderHearsTheNewest) {
  ToneSource source({});
  EXPECT_EQ(source.Wait(t0).due, t0);
  auto block = source.Read(t0 + 500ms);
  ASSERT_TRUE(block && *block);
  EXPECT_EQ((*block)->media_time_us, 500'000);
  EXPECT_EQ(source.skipped(), 50u);
}

}  // namespace
}  // namespace boardcast
