#include "play/freeze_detector.h"

#include <gtest/gtest.h>

namespace boardcast {
namespace {

/// Frames `gap` apart.
void Play(FreezeDetector& detector, Timestamp& now, int frames, Duration gap) {
  for (int i = 0; i < frames; ++i) detector.OnFrame(now += gap);
}

TEST(FreezeDetector, EvenPlayingIsNoFreeze) {
  FreezeDetector detector;
  Timestamp now{};
  Play(detector, now, 300, 33ms);
  EXPECT_EQ(detector.freeze_count(), 0u);
  EXPECT_EQ(detector.total_freezes_duration(), Duration(0));
}

TEST(FreezeDetector, TheLimitIsTheLargerOfBothRules) {
  const struct {
    Duration usual;
    Duration limit;
  } cases[] = {{20ms, 170ms}, {40ms, 190ms}, {75ms, 225ms}, {100ms, 300ms}};
  for (const auto& test : cases) {
    FreezeDetector detector;
    Timestamp now{};
    Play(detector, now, 40, test.usual);
    detector.OnFrame(now += test.limit - 1us);
    EXPECT_EQ(detector.freeze_count(), 0u);
    Play(detector, now, 40, test.usual);
    detector.OnFrame(now += test.limit);
    EXPECT_EQ(detector.freeze_count(), 1u);
    EXPECT_EQ(detector.total_freezes_duration(), test.limit);
  }
}

TEST(FreezeDetector, TheAverageFollowsTheLast30Gaps) {
  FreezeDetector detector;
  Timestamp now{};
  Play(detector, now, 50, 20ms);
  Play(detector, now, 30, 100ms);  // Slower, but no freeze: 100 < 170 ms.
  EXPECT_EQ(detector.freeze_count(), 0u);
  detector.OnFrame(now += 299ms);
  EXPECT_EQ(detector.freeze_count(), 0u);
}

TEST(FreezeDetector, DurationsAddUp) {
  FreezeDetector detector;
  Timestamp now{};
  for (int i = 0; i < 3; ++i) {
    Play(detector, now, 60, 33ms);
    detector.OnFrame(now += 500ms);
  }
  EXPECT_EQ(detector.freeze_count(), 3u);
  EXPECT_EQ(detector.total_freezes_duration(), Duration(1500ms));
}

TEST(FreezeDetector, NeitherTheStartNorAPauseCounts) {
  FreezeDetector detector;
  Timestamp now{};
  Play(detector, now, 3, 33ms);
  detector.OnFrame(now += 2s);  // Too few gaps to judge by.
  Play(detector, now, 60, 33ms);
  detector.OnPause();
  detector.OnFrame(now += 10s);
  EXPECT_EQ(detector.freeze_count(), 0u);
}

}  // namespace
}  // namespace boardcast
