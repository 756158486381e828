#include "recover/video_jitter_buffer.h"

#include <gtest/gtest.h>

#include <random>

namespace boardcast {
namespace {

const Timestamp kStart(1000s);
constexpr int kTicks = 3000;  // 30 frames a second.

Timestamp SentAt(int index) { return kStart + TicksToDuration(index * kTicks, kVideoClockRate); }

class VideoJitterBufferTest : public testing::Test {
 protected:
  /// Frame `index`, whose last packet is `late`, its first 3 ms earlier.
  AssembledFrame Frame(int index, Duration late, bool key = false) {
    AssembledFrame frame;
    frame.chunk = chunks_.Acquire();
    frame.chunk->key = key;
    frame.chunk->complete = true;
    frame.completed = SentAt(index) + late;
    frame.first_packet = frame.completed - 3ms;
    frame.unwrapped_rtp_timestamp = 77'000 + index * kTicks;
    return frame;
  }
  int IndexOf(const AssembledFrame& frame) {
    return static_cast<int>((frame.unwrapped_rtp_timestamp - 77'000) / kTicks);
  }

  /// Pushes and pops frame after frame, each as late as `late` says; returns when they came out.
  template <typename Late>
  std::vector<Timestamp> Run(int from, int to, Late late) {
    std::vector<Timestamp> out;
    Timestamp now = kStart;
    for (int i = from; i < to; ++i) {
      AssembledFrame frame = Frame(i, late(i));
      const Timestamp arrival = std::max(now, frame.completed);
      while (buffer_.NextDeadline() && *buffer_.NextDeadline() <= arrival) {
        now = std::max(now, *buffer_.NextDeadline());
        EXPECT_TRUE(buffer_.PopDue(now));
        out.push_back(now);
      }
      now = arrival;
      buffer_.Push(std::move(frame));
    }
    while (const auto deadline = buffer_.NextDeadline()) {
      now = std::max(now, *deadline);
      EXPECT_TRUE(buffer_.PopDue(now));
      out.push_back(now);
    }
    return out;
  }

  ChunkPool chunks_{400};
  VideoJitterBuffer buffer_;
};

TEST_F(VideoJitterBufferTest, SteadyLinkAddsNoDelay) {
  const auto out = Run(0, 300, [](int) { return 20ms; });
  ASSERT_EQ(out.size(), 300u);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(out[i], SentAt(i) + 20ms);
  EXPECT_EQ(buffer_.counters().frames_late, 0u);
  EXPECT_NEAR(buffer_.counters().jitter_buffer_delay, 300 * 0.003, 1e-6);
  EXPECT_EQ(buffer_.counters().jitter_buffer_emitted_count, 300u);
  EXPECT_EQ(buffer_.counters().jitter_buffer_target_delay, 0);
}

TEST_F(VideoJitterBufferTest, JitterThatNobodySeesAddsNoDelay) {
  std::mt19937 random(3);
  const auto late = [&](int) { return Duration(random() % 5000); };
  Run(0, 300, late);
  EXPECT_EQ(buffer_.target_delay(), 0ms);
  EXPECT_EQ(buffer_.counters().frames_late, 0u);
}

TEST_F(VideoJitterBufferTest, DelayFollowsJitterUpAndDown) {
  std::mt19937 random(4);
  Run(0, 300, [&](int) { return Duration(random() % 60'000); });
  EXPECT_GT(buffer_.target_delay(), 45ms);
  EXPECT_LE(buffer_.target_delay(), 56ms);
  const std::uint64_t late = buffer_.counters().frames_late;
  const auto out = Run(300, 600, [&](int) { return Duration(random() % 60'000); });
  EXPECT_LE(buffer_.counters().frames_late - late, 18u);  // 6 %.
  int uneven = 0;
  for (std::size_t i = 1; i < out.size(); ++i) {
    uneven += std::chrono::abs(out[i] - out[i - 1] - 33'333us) > 6ms;
  }
  EXPECT_LT(uneven, 45);
  Run(600, 1'800, [&](int) { return 0ms; });
  EXPECT_EQ(buffer_.target_delay(), 0ms);
}

TEST_F(VideoJitterBufferTest, OneLateFrameChangesNothing) {
  const auto out = Run(0, 600, [](int i) { return i == 300 ? 200ms : 0ms; });
  EXPECT_EQ(buffer_.target_delay(), 0ms);
  EXPECT_EQ(buffer_.counters().frames_late, 1u);
  EXPECT_EQ(out[300], SentAt(300) + 200ms);
  EXPECT_EQ(out[301], out[300]);  // Head of line.
  EXPECT_EQ(out[310], SentAt(310));
}

TEST_F(VideoJitterBufferTest, FrequentLateFramesRaiseTheDelayAndItShrinksSlowly) {
  const auto late = [](int i) { return i >= 300 && i < 600 && i % 10 == 0 ? 120ms : 0ms; };
  Run(0, 600, late);
  EXPECT_EQ(buffer_.target_delay(), 115ms);
  Run(600, 630, late);  // A second later.
  EXPECT_GE(buffer_.target_delay(), 104ms);
  Run(630, 1'500, late);
  EXPECT_EQ(buffer_.target_delay(), 0ms);
}

TEST_F(VideoJitterBufferTest, GivenUpFramesSayNothingAboutTheNetwork) {
  for (int i = 0; i < 100; ++i) {
    AssembledFrame frame = Frame(i, i % 3 == 1 ? 900ms : 0ms);
    frame.chunk->complete = i % 3 != 1;
    buffer_.Push(std::move(frame));
    while (buffer_.PopDue(SentAt(i) + 1s)) continue;
  }
  EXPECT_EQ(buffer_.target_delay(), 0ms);
}

TEST_F(VideoJitterBufferTest, MinimumDelayHoldsFramesForTheSound) {
  buffer_.SetMinimumDelay(40ms);
  const auto out = Run(0, 30, [](int) { return 10ms; });
  for (int i = 0; i < 30; ++i) EXPECT_NEAR((out[i] - SentAt(i)).count(), 50'000, 1);
  EXPECT_NEAR(buffer_.counters().jitter_buffer_target_delay, 30 * 0.040, 1e-9);
  EXPECT_EQ(buffer_.counters().jitter_buffer_minimum_delay, 0);
}

TEST_F(VideoJitterBufferTest, NothingComesBeforeItsTime) {
  buffer_.SetMinimumDelay(40ms);
  buffer_.Push(Frame(0, 0ms));
  EXPECT_EQ(buffer_.NextDeadline(), SentAt(0) + 40ms);
  EXPECT_FALSE(buffer_.PopDue(SentAt(0) + 39'999us));
  EXPECT_TRUE(buffer_.PopDue(SentAt(0) + 40ms));
  EXPECT_FALSE(buffer_.NextDeadline());
}

TEST_F(VideoJitterBufferTest, ABreakOfTheSendersClockDoesNotHoldFrames) {
  for (const int jump : {-100'000'000, 100'000'000}) {
    buffer_ = VideoJitterBuffer();
    Run(0, 60, [](int) { return 0ms; });
    for (int i = 60; i < 64; ++i) {
      AssembledFrame frame = Frame(i, 0ms);
      frame.unwrapped_rtp_timestamp += i < 62 ? 0 : jump;
      buffer_.Push(std::move(frame));
    }
    for (int i = 60; i < 64; ++i) EXPECT_TRUE(buffer_.PopDue(SentAt(63) + 1ms)) << jump;
  }
}

TEST_F(VideoJitterBufferTest, OverflowDropsToTheNextKeyFrame) {
  struct Case {
    int key;  // Index of a second key frame; -1: none.
    std::uint64_t dropped;
    bool request;
    int first_out;
  };
  // One frame more than fits; then a key frame at 130.
  for (const Case& c : {Case{50, 50, false, 50}, Case{-1, 130, true, 130}}) {
    buffer_ = VideoJitterBuffer();
    for (int i = 0; i < 140; ++i) buffer_.Push(Frame(i, 0ms, i == 0 || i == c.key || i == 130));
    EXPECT_EQ(buffer_.counters().frames_dropped, c.dropped);
    EXPECT_EQ(buffer_.TakeKeyFrameRequest(), c.request);
    EXPECT_FALSE(buffer_.TakeKeyFrameRequest());
    int expected = c.first_out;
    while (const auto frame = buffer_.PopDue(SentAt(1000))) EXPECT_EQ(IndexOf(*frame), expected++);
    EXPECT_EQ(expected, 140);
  }
  EXPECT_EQ(chunks_.leased(), 0u);
}

}  // namespace
}  // namespace boardcast
