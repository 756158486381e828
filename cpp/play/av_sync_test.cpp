#include "play/av_sync.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace boardcast {
namespace {

/// Two jitter buffers that do what they are told: each plays its path's delay plus the larger of
/// its own wish and the minimum after capture.
struct Player {
  AvSync sync;
  Duration video_path{0};
  Duration audio_path{0};
  Duration video_wanted{50ms};
  Duration audio_wanted{50ms};
  AvSync::Delays delays{};
  Timestamp now = FromMicros(100'000'000);
  int changes = 0;
  Duration largest_step{0};

  void Run(Duration time) {
    for (const Timestamp end = now + time; now < end; now += 20ms) {
      const auto stream = [this](Duration path, Duration wanted, Duration minimum) {
        // The sender's clock shows some other time; both streams share it.
        const Timestamp capture = now - path - std::max(wanted, minimum) + 1234s;
        return AvSync::Stream{capture, now, wanted};
      };
      const AvSync::Delays next =
          sync.Update(stream(video_path, video_wanted, delays.video_minimum),
                      stream(audio_path, audio_wanted, delays.audio_minimum), now);
      if (next != delays) ++changes;
      const auto moved = [this](Duration from, Duration to, Duration wanted) {
        largest_step =
            std::max(largest_step, std::chrono::abs(std::max(to, wanted) - std::max(from, wanted)));
      };
      moved(delays.video_minimum, next.video_minimum, video_wanted);
      moved(delays.audio_minimum, next.audio_minimum, audio_wanted);
      delays = next;
    }
  }
};

TEST(AvSync, LeavesASmallDifferenceAlone) {
  for (const Duration skew : {-24ms, -10ms, 0ms, 10ms, 24ms}) {
    Player player;
    player.video_path = 100ms + skew;
    player.audio_path = 100ms;
    player.Run(5s);
    EXPECT_EQ(player.changes, 0);
    EXPECT_EQ(player.sync.skew(), skew);
  }
}

TEST(AvSync, DelaysTheEarlierOneInSmallSteps) {
  for (const Duration skew : {-300ms, -60ms, -25ms, 25ms, 60ms, 90ms, 300ms}) {
    SCOPED_TRACE(skew.count());
    Player player;
    player.video_path = 400ms + skew;
    player.audio_path = 400ms;
    player.Run(6s);
    EXPECT_LE(std::chrono::abs(player.sync.skew()), Duration(20ms));
    EXPECT_LE(player.largest_step, AvSync::kMaxStep);
    EXPECT_EQ(player.delays.video_minimum > Duration(0), skew < Duration(0));
    EXPECT_EQ(player.delays.audio_minimum > Duration(0), skew > Duration(0));
    const int changes = player.changes;
    player.Run(10s);
    EXPECT_EQ(player.changes, changes);  // Settled.
  }
}

TEST(AvSync, TakesADelayBackBeforeItGivesOne) {
  Player player;
  player.video_path = 200ms;
  player.audio_path = 100ms;
  player.Run(5s);
  EXPECT_GE(player.delays.audio_minimum, Duration(130ms));
  player.video_path = 100ms;  // The network has calmed down for video.
  player.Run(5s);
  EXPECT_LE(std::chrono::abs(player.sync.skew()), Duration(20ms));
  EXPECT_LE(player.delays.audio_minimum, Duration(75ms));
  EXPECT_EQ(player.delays.video_minimum, Duration(0));
}

TEST(AvSync, FollowsABufferThatGrowsAndShrinks) {
  Player player;
  player.video_wanted = 250ms;  // Video buffers more than sound.
  player.Run(5s);
  EXPECT_NEAR(static_cast<double>(player.delays.audio_minimum.count()), 250'000, 20'000);
  player.video_wanted = 60ms;
  player.Run(5s);
  EXPECT_LE(std::chrono::abs(player.sync.skew()), Duration(20ms));
  EXPECT_LE(std::max(player.audio_wanted, player.delays.audio_minimum), Duration(85ms));
}

TEST(AvSync, BothComeDownTogetherWhenBothAreLaterThanTheyNeed) {
  Player player;
  player.audio_path = 150ms;  // Video has to wait for sound ...
  player.Run(5s);
  player.video_wanted = 250ms;  // ... then sound for video ...
  player.Run(5s);
  EXPECT_GE(player.delays.video_minimum, Duration(180ms));
  EXPECT_GE(player.delays.audio_minimum, Duration(80ms));
  player.video_wanted = 50ms;  // ... then neither for the other.
  player.audio_path = 110ms;
  player.Run(5s);
  EXPECT_LE(std::chrono::abs(player.sync.skew()), Duration(20ms));
  EXPECT_LE(player.delays.audio_minimum - player.audio_wanted, Duration(25ms));
}

TEST(AvSync, AStreamThatDoesNotFollowIsNotPushedForEver) {
  AvSync sync;
  AvSync::Delays delays;
  Timestamp now{};
  for (int i = 0; i < 5000; ++i, now += 20ms) {
    delays = sync.Update({now - 500ms, now, 0ms}, {now, now, 0ms}, now);
  }
  EXPECT_EQ(delays.audio_minimum, AvSync::kMaxDelay);
}

TEST(AvSync, Percentile) {
  AvSync sync;
  EXPECT_EQ(sync.skew_p95(), Duration(0));
  const Timestamp now{};
  const auto update = [&](Duration skew) {
    sync.Update({now - skew, now, 0ms}, {now, now, 0ms}, now);
  };
  for (int i = 0; i < 95; ++i) update(i % 2 == 0 ? 10ms : -10ms);
  for (int i = 0; i < 5; ++i) update(-400ms);
  EXPECT_EQ(sync.skew_p95(), Duration(10ms));
  update(90ms);
  EXPECT_EQ(sync.skew_p95(), Duration(90ms));
  for (int i = 0; i < 100; ++i) update(90s);
  EXPECT_EQ(sync.skew_p95(), Duration(999ms));
}

}  // namespace
}  // namespace boardcast
