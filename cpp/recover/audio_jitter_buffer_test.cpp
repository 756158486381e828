#include "recover/audio_jitter_buffer.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

namespace boardcast {
namespace {

const Timestamp kStart(1000s);
constexpr std::uint8_t k20Ms = 0x08;  // Opus TOC: SILK, narrowband, one frame of 20 ms.
constexpr std::uint8_t k60Ms = 0x18;

/// When a packet comes, or nothing if it is lost.
using Arrival = std::function<std::optional<Duration>(int)>;

class AudioJitterBufferTest : public testing::Test {
 protected:
  bool Insert(std::int64_t seq, std::uint32_t timestamp, Timestamp now,
              std::vector<std::uint8_t> payload = {k20Ms, 0}) {
    if (payload.size() > 1) payload[1] = static_cast<std::uint8_t>(seq);
    PacketLease packet = packets_.Acquire();
    std::ranges::copy(payload, packet->buffer.begin());
    packet->size = payload.size();
    RtpView view;
    view.header.timestamp = timestamp;
    view.payload = packet->bytes();
    return buffer_.Insert(seq, view, std::move(packet), now);
  }

  /// Plays all that is due before `end`: a letter for each action, S P R C.
  std::string PullUntil(Timestamp end) {
    std::string actions;
    while (buffer_.NextDeadline() && *buffer_.NextDeadline() < end) {
      const AudioAction action = buffer_.Pull(*buffer_.NextDeadline());
      actions += "SPRC"[static_cast<int>(action.kind)];
      if (action.kind == AudioAction::Kind::kPlay) {
        played_.push_back(static_cast<int>(action.payload[1]));
      }
    }
    return actions;
  }

  /// Packets `from` to `to`, 20 ms apart, each coming as late as `late` says, are played in time.
  std::string Run(int from, int to, const Arrival& late) {
    std::vector<std::pair<Timestamp, int>> arrivals;
    for (int i = from; i < to; ++i) {
      if (const auto delay = late(i)) arrivals.emplace_back(kStart + 20ms * i + *delay, i);
    }
    std::ranges::stable_sort(arrivals, {}, &std::pair<Timestamp, int>::first);
    std::string actions;
    for (const auto& [time, i] : arrivals) {
      actions += PullUntil(time);
      Insert(kFirstSeq + i, kFirstTimestamp + 960 * static_cast<std::uint32_t>(i), time);
    }
    return actions + PullUntil(kStart + 20ms * to);
  }

  // Both wrap early in every test.
  static constexpr std::int64_t kFirstSeq = 65'530;
  static constexpr std::uint32_t kFirstTimestamp = 0xffff'ffff - 5000;

  PacketPool packets_{200};
  AudioJitterBuffer buffer_;
  std::vector<int> played_;
};

std::size_t Count(const std::string& actions, char kind) {
  return static_cast<std::size_t>(std::ranges::count(actions, kind));
}

TEST_F(AudioJitterBufferTest, SteadyPacketsPlayAfterTenMilliseconds) {
  EXPECT_FALSE(buffer_.NextDeadline());
  EXPECT_EQ(buffer_.Pull(kStart).kind, AudioAction::Kind::kSilence);
  const std::string actions = Run(0, 100, [](int) { return 7ms; });
  EXPECT_EQ(actions, std::string(100, 'P'));
  EXPECT_EQ(buffer_.current_delay(), 10ms);
  EXPECT_EQ(buffer_.counters().concealed_samples, 0u);
  EXPECT_EQ(buffer_.counters().jitter_buffer_emitted_count, 96'000u);
  EXPECT_NEAR(buffer_.counters().jitter_buffer_delay / 96'000, 0.010, 1e-9);
  EXPECT_EQ(buffer_.playing_timestamp(), kFirstTimestamp + 99 * 960);
}

TEST_F(AudioJitterBufferTest, PullBeforeItsTimeChangesNothing) {
  Insert(0, 0, kStart);
  EXPECT_EQ(buffer_.NextDeadline(), kStart + 10ms);
  EXPECT_EQ(buffer_.Pull(kStart + 9ms).duration, 0ms);
  const AudioAction action = buffer_.Pull(kStart + 12ms);
  EXPECT_EQ(action.kind, AudioAction::Kind::kPlay);
  EXPECT_EQ(action.duration, 20ms);
  EXPECT_EQ(buffer_.NextDeadline(), kStart + 30ms);
}

TEST_F(AudioJitterBufferTest, PlaysEveryPacketDuration) {
  Insert(0, 0, kStart, {k60Ms, 0});
  Insert(1, 2880, kStart + 60ms, {k60Ms, 0});
  EXPECT_EQ(buffer_.Pull(kStart + 10ms).duration, 60ms);
  EXPECT_EQ(buffer_.NextDeadline(), kStart + 70ms);
  EXPECT_EQ(buffer_.Pull(kStart + 70ms).duration, 60ms);
}

TEST_F(AudioJitterBufferTest, RareLossIsConcealed) {
  const std::string actions =
      Run(0, 200, [](int i) { return i == 150 ? std::nullopt : std::optional(0ms); });
  EXPECT_EQ(Count(actions, 'C'), 1u);
  EXPECT_EQ(Count(actions, 'P'), 199u);
  EXPECT_EQ(buffer_.counters().concealed_samples, 960u);
  EXPECT_EQ(buffer_.counters().concealment_events, 1u);
}

TEST_F(AudioJitterBufferTest, FrequentLossBuysTheDelayThatInBandFecNeeds) {
  const auto late = [](int i) { return i % 10 == 5 ? std::nullopt : std::optional(0ms); };
  Run(0, 100, late);
  EXPECT_EQ(buffer_.target_delay(), 20ms);
  const std::string actions = Run(100, 300, late);
  EXPECT_EQ(Count(actions, 'R'), 20u);
  EXPECT_EQ(Count(actions, 'C'), 0u);
  EXPECT_GE(buffer_.counters().recovered_samples, 20u * 960);
}

TEST_F(AudioJitterBufferTest, RecoveryHandsOutTheNextPacketAndThenPlaysIt) {
  buffer_.SetMinimumDelay(50ms);
  Insert(1, 960, kStart);
  Insert(3, 2880, kStart + 40ms);
  EXPECT_EQ(buffer_.Pull(kStart + 50ms).kind, AudioAction::Kind::kPlay);
  const AudioAction recovered = buffer_.Pull(kStart + 70ms);
  EXPECT_EQ(recovered.kind, AudioAction::Kind::kRecoverFromNext);
  EXPECT_EQ(recovered.payload[1], 3);
  EXPECT_EQ(recovered.rtp_timestamp, 1920u);
  const AudioAction played = buffer_.Pull(kStart + 90ms);
  EXPECT_EQ(played.kind, AudioAction::Kind::kPlay);
  EXPECT_EQ(played.payload[1], 3);
  EXPECT_EQ(played.rtp_timestamp, 2880u);
}

TEST_F(AudioJitterBufferTest, DelayFollowsJitterUpAndDown) {
  std::mt19937 random(5);
  const auto jitter = [&](int) { return Duration(random() % 60'000); };
  Run(0, 300, jitter);
  EXPECT_GT(buffer_.target_delay(), 50ms);
  EXPECT_LE(buffer_.target_delay(), 61ms);
  EXPECT_GT(buffer_.counters().inserted_samples_for_deceleration, 0u);
  const std::string actions = Run(300, 800, jitter);
  EXPECT_LT(Count(actions, 'C') + Count(actions, 'R'), 60u);
  EXPECT_LT(std::chrono::abs(buffer_.current_delay() - buffer_.target_delay()), 20ms);

  const std::uint64_t removed = buffer_.counters().removed_samples_for_acceleration;
  Run(800, 2'600, [](int) { return 0ms; });
  EXPECT_EQ(buffer_.target_delay(), 10ms);
  EXPECT_LE(buffer_.current_delay(), 25ms);
  EXPECT_GE(buffer_.counters().removed_samples_for_acceleration, removed + 960);
}

TEST_F(AudioJitterBufferTest, ChangesAreSpreadAndStopAtTheTarget) {
  Run(0, 50, [](int) { return 0ms; });
  buffer_.SetMinimumDelay(90ms);
  const std::string up = Run(50, 150, [](int) { return 0ms; });
  EXPECT_EQ(Count(up, 'C'), 4u);  // 10 + 4 x 20 ms.
  for (std::size_t at = up.find('C'), next; (next = up.find('C', at + 1)) != up.npos; at = next) {
    EXPECT_GE(next - at, 5u);  // 100 ms.
  }
  EXPECT_EQ(buffer_.current_delay(), 90ms);
  EXPECT_EQ(buffer_.counters().inserted_samples_for_deceleration, 4u * 960);
  EXPECT_EQ(buffer_.counters().concealed_samples, 0u);

  buffer_.SetMinimumDelay(0ms);
  Run(150, 250, [](int) { return 0ms; });
  EXPECT_EQ(buffer_.current_delay(), 10ms);
  EXPECT_EQ(buffer_.counters().removed_samples_for_acceleration, 4u * 960);
  const auto counters = buffer_.counters();
  EXPECT_EQ(Run(250, 400, [](int) { return 0ms; }), std::string(150, 'P'));
  EXPECT_EQ(buffer_.counters().removed_samples_for_acceleration,
            counters.removed_samples_for_acceleration);
}

TEST_F(AudioJitterBufferTest, FollowsASenderWhoseClockIsFast) {
  // 300 ppm: in 10 minutes the sender is 180 ms ahead.
  const std::string actions = Run(0, 30'000, [](int i) { return Duration(-6 * i); });
  EXPECT_NEAR(buffer_.counters().removed_samples_for_acceleration / 960.0, 9, 1);
  // Only at the end, where no more packets come.
  EXPECT_GE(actions.find_first_of("CRS"), actions.size() - 10);
  EXPECT_LE(buffer_.current_delay(), 27ms);
}

TEST_F(AudioJitterBufferTest, LatePacketsAreDiscardedAndLearntFrom) {
  Insert(0, 0, kStart);
  EXPECT_EQ(PullUntil(kStart + 60ms), "PCC");
  EXPECT_FALSE(Insert(1, 960, kStart + 60ms));
  EXPECT_EQ(buffer_.counters().packets_discarded, 1u);
  EXPECT_EQ(buffer_.target_delay(), 40ms);
}

TEST_F(AudioJitterBufferTest, RefusesDuplicatesAndMalformedPackets) {
  EXPECT_TRUE(Insert(0, 0, kStart));
  EXPECT_FALSE(Insert(0, 0, kStart));
  EXPECT_EQ(buffer_.counters().packets_discarded, 0u);
  EXPECT_FALSE(Insert(1, 960, kStart, {}));
  EXPECT_FALSE(Insert(1, 960, kStart, {k20Ms | 1, 0}));  // Two frames of equal size in one byte.
  EXPECT_EQ(buffer_.counters().packets_discarded, 2u);
}

TEST_F(AudioJitterBufferTest, PauseStopsTheClockAndTheNextPacketStartsIt) {
  Insert(0, 0, kStart);
  EXPECT_EQ(PullUntil(kStart + 5s), "P" + std::string(10, 'C') + "S");
  EXPECT_FALSE(buffer_.NextDeadline());
  EXPECT_FALSE(buffer_.playing_timestamp());
  EXPECT_FALSE(Insert(0, 0, kStart + 5s));  // An old packet does not start it.
  EXPECT_TRUE(Insert(1, 48'000 * 5, kStart + 5s));
  EXPECT_EQ(buffer_.NextDeadline(), kStart + 5s + 10ms);
  EXPECT_EQ(PullUntil(kStart + 5s + 20ms), "P");
}

TEST_F(AudioJitterBufferTest, SilentSenderMaySkipTimestamps) {
  Insert(0, 0, kStart);
  Insert(1, 960 * 6, kStart + 120ms);  // Nothing sent for 100 ms; no packet is missing.
  EXPECT_EQ(PullUntil(kStart + 150ms), "PCCCCCP");
  PullUntil(kStart + 210ms);
  EXPECT_TRUE(Insert(2, 960 * 11, kStart + 220ms));  // Concealed meanwhile, yet not late.
  EXPECT_EQ(PullUntil(kStart + 240ms), "CP");
}

TEST_F(AudioJitterBufferTest, BreakOfTimestampsSetsTheClockAgain) {
  for (const std::uint32_t jump : {48'000u * 60, 0u - 48'000u * 60}) {
    buffer_ = AudioJitterBuffer();
    for (std::uint32_t i = 0; i < 6; ++i) {
      Insert(i, 960 * i + (i < 3 ? 0 : jump), kStart + 20ms * i);
    }
    // One change of delay may fall in, since packets of two timelines are in the buffer.
    EXPECT_GE(Count(PullUntil(kStart + 200ms), 'P'), 5u);
  }
}

TEST_F(AudioJitterBufferTest, JumpOfSequenceNumbersStartsAnew) {
  Insert(0, 0, kStart);
  PullUntil(kStart + 20ms);
  EXPECT_TRUE(Insert(5000, 960, kStart + 20ms));
  EXPECT_TRUE(Insert(5001, 1920, kStart + 40ms));
  EXPECT_EQ(PullUntil(kStart + 60ms), "PP");
}

TEST_F(AudioJitterBufferTest, AnyPacketsWhateverAreBoundedAndReturnTheirLeases) {
  for (int seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    buffer_ = AudioJitterBuffer();
    std::int64_t seq = 0;
    std::uint32_t timestamp = 0;
    Timestamp now = kStart;
    for (int i = 0; i < 3000; ++i) {
      seq += random() % 50 == 0 ? static_cast<int>(random() % 400) - 150 : random() % 3;
      timestamp += random() % 50 == 0 ? random() : 960 * (random() % 3);
      now += Duration(random() % 40'000);
      Insert(seq, timestamp, now, {static_cast<std::uint8_t>(random()), 0});
      int pulls = 0;
      while (buffer_.NextDeadline() && *buffer_.NextDeadline() <= now) {
        buffer_.Pull(now);
        ASSERT_LT(++pulls, 1000);
      }
      ASSERT_LE(buffer_.NextDeadline().value_or(now), now + 1s + 120ms);
    }
    EXPECT_LE(packets_.leased(), 128u);
  }
  buffer_ = AudioJitterBuffer();
  EXPECT_EQ(packets_.leased(), 0u);
}

}  // namespace
}  // namespace boardcast
