#include "recover/nack_tracker.h"

#include <gtest/gtest.h>

#include <utility>

namespace boardcast {
namespace {

using Seqs = std::vector<std::int64_t>;

const Timestamp kStart(1000s);

Seqs PollAt(NackTracker& tracker, Timestamp now, const NackTracker::MayWait& may_wait = nullptr) {
  Seqs due;
  tracker.Poll(now, due, may_wait);
  return due;
}

Seqs GivenUp(NackTracker& tracker) {
  Seqs given_up;
  tracker.TakeGivenUp(given_up);
  return given_up;
}

TEST(NackTracker, AsksForAGapOnceReorderingIsRuledOut) {
  NackTracker tracker;
  tracker.OnPacket(65'535, kStart);
  tracker.OnPacket(65'538, kStart + 1ms);
  EXPECT_EQ(tracker.NextDeadline(), kStart + 11ms);
  EXPECT_EQ(PollAt(tracker, kStart + 10ms), Seqs());
  tracker.OnPacket(65'536, kStart + 10ms);  // It was reordering.
  EXPECT_EQ(PollAt(tracker, kStart + 11ms), Seqs{65'537});
  EXPECT_EQ(tracker.packets_requested(), 1u);
}

TEST(NackTracker, IsIdleWithoutLoss) {
  NackTracker tracker;
  for (int seq = 0; seq < 100; ++seq) tracker.OnPacket(seq, kStart + 1ms * seq);
  EXPECT_FALSE(tracker.NextDeadline());
  EXPECT_EQ(PollAt(tracker, kStart + 1s), Seqs());
}

TEST(NackTracker, NeverAsksTwiceWithinARoundTrip) {
  NackTracker tracker;
  tracker.SetRoundTrip(80ms);
  tracker.OnPacket(1, kStart);
  tracker.OnPacket(3, kStart);
  std::vector<Timestamp> requests;
  for (Timestamp now = kStart; now < kStart + 2s; now += 1ms) {
    if (!PollAt(tracker, now).empty()) requests.push_back(now);
  }
  ASSERT_GE(requests.size(), 2u);
  EXPECT_LE(requests.size(), 10u);
  for (std::size_t i = 1; i < requests.size(); ++i) {
    EXPECT_GT(requests[i] - requests[i - 1], 80ms);
    EXPECT_LT(requests[i] - requests[i - 1], 120ms);
  }
}

TEST(NackTracker, MeasuresTheRoundTripByRetransmissions) {
  for (const Duration real : {Duration(4ms), Duration(40ms), Duration(100ms), Duration(350ms)}) {
    NackTracker tracker;
    std::vector<std::pair<Timestamp, std::int64_t>> answers;
    std::int64_t seq = 0;
    for (Timestamp now = kStart; now < kStart + 30s; now += 1ms) {
      for (const auto& [due, answer] : answers) {
        if (due == now) tracker.OnRecovered(answer, now, true);
      }
      std::erase_if(answers, [&](const auto& answer) { return answer.first == now; });
      if ((now - kStart) % 500ms == 0ms) tracker.OnPacket(seq += 2, now);
      for (const std::int64_t lost : PollAt(tracker, now)) answers.emplace_back(now + real, lost);
    }
    EXPECT_NEAR(tracker.round_trip().count(), real.count(), real.count() / 5.0);
  }
}

TEST(NackTracker, RecoveryByFecSaysNothingAboutTheRoundTrip) {
  NackTracker tracker;
  tracker.SetRoundTrip(70ms);
  tracker.OnPacket(1, kStart);
  tracker.OnPacket(3, kStart);
  EXPECT_EQ(PollAt(tracker, kStart + 10ms), Seqs{2});
  tracker.OnRecovered(2, kStart + 12ms, false);
  EXPECT_EQ(tracker.round_trip(), 70ms);
  EXPECT_EQ(tracker.missing(), 0u);
}

TEST(NackTracker, WaitsForFecOnceAndNoLonger) {
  NackTracker tracker;
  tracker.OnPacket(1, kStart);
  tracker.OnPacket(4, kStart);
  const auto may_wait = [](std::int64_t seq) { return seq == 2; };
  EXPECT_EQ(PollAt(tracker, kStart + 10ms, may_wait), Seqs{3});
  EXPECT_EQ(tracker.NextDeadline(), kStart + 25ms);
  EXPECT_EQ(PollAt(tracker, kStart + 24ms, may_wait), Seqs());
  EXPECT_EQ(PollAt(tracker, kStart + 25ms, may_wait), Seqs{2});
}

TEST(NackTracker, GivesUpAfterTheLastRequestHadItsRoundTrip) {
  NackTracker tracker({.max_requests = 3});
  tracker.SetRoundTrip(40ms);
  tracker.OnPacket(1, kStart);
  tracker.OnPacket(3, kStart);
  int requests = 0;
  Timestamp now = kStart;
  while (const auto deadline = tracker.NextDeadline()) {
    now = *deadline;
    requests += PollAt(tracker, now).size();
  }
  EXPECT_EQ(requests, 3);
  EXPECT_EQ(now, kStart + 10ms + 3 * 50ms);
  EXPECT_EQ(GivenUp(tracker), Seqs{2});
  EXPECT_EQ(GivenUp(tracker), Seqs());
}

TEST(NackTracker, GivesUpWhatIsTooOld) {
  NackTracker tracker({.max_requests = 1000});
  tracker.OnPacket(1, kStart);
  tracker.OnPacket(3, kStart);
  Timestamp now = kStart;
  while (const auto deadline = tracker.NextDeadline()) PollAt(tracker, now = *deadline);
  EXPECT_EQ(now, kStart + 1s);
  EXPECT_EQ(GivenUp(tracker), Seqs{2});
}

TEST(NackTracker, LearnsOfALostTailByFec) {
  NackTracker tracker;
  tracker.OnPacket(1, kStart);
  tracker.OnSent(3, kStart + 1ms);
  tracker.OnRecovered(3, kStart + 2ms, false);
  EXPECT_EQ(PollAt(tracker, kStart + 11ms), Seqs{2});
  tracker.OnPacket(4, kStart + 12ms);
  EXPECT_EQ(tracker.missing(), 1u);
}

TEST(NackTracker, StartsAfreshBeyondItsBound) {
  struct Case {
    std::int64_t jump_to;
    std::size_t missing;
    std::size_t given_up;
  };
  const Case cases[] = {
      {514, 512, 0},         // Packet 1 and 3..513: just within the bound.
      {515, 0, 513},         // One more: all are given up.
      {1'000'000, 0, 1024},  // Only the newest are named.
  };
  for (const Case& c : cases) {
    NackTracker tracker;
    tracker.OnPacket(0, kStart);
    tracker.OnPacket(2, kStart);
    tracker.OnPacket(c.jump_to, kStart);
    EXPECT_EQ(tracker.missing(), c.missing) << c.jump_to;
    const Seqs given_up = GivenUp(tracker);
    EXPECT_EQ(given_up.size(), c.given_up) << c.jump_to;
    if (c.given_up > 0) {
      EXPECT_EQ(given_up.back(), c.jump_to - 1);
    }
  }
}

TEST(NackTracker, ForgetsWhatIsNotNeeded) {
  NackTracker tracker;
  tracker.OnPacket(1, kStart);
  tracker.OnPacket(4, kStart);
  tracker.Forget(2);
  tracker.Forget(77);
  EXPECT_EQ(PollAt(tracker, kStart + 10ms), Seqs{3});
  EXPECT_EQ(GivenUp(tracker), Seqs());
}

}  // namespace
}  // namespace boardcast
