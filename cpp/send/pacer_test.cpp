#include "send/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "testing/random.h"

namespace boardcast {
namespace {

class PacerTest : public ::testing::Test {
 protected:
  struct Sent {
    std::uint8_t label;
    Timestamp time;
  };

  PacerTest() { pacer_.SetTargetBitrate(800'000); }  // Paced: 250 bytes a millisecond.

  bool Enqueue(PacketClass packet_class, std::size_t size, Timestamp now, std::uint8_t label = 0) {
    PacketLease packet = pool_.Acquire();
    packet->size = size;
    packet->buffer[0] = label;
    return pacer_.Enqueue(std::move(packet), packet_class, now);
  }

  void PopAll(Timestamp now) {
    while (PacketLease packet = pacer_.PopDue(now)) sent_.push_back({packet->buffer[0], now});
  }

  // Pops at each deadline, as a loop does, until the pacer is empty or `end`.
  void RunUntil(Timestamp end) {
    for (auto next = pacer_.NextDeadline(now_); next && *next <= end;
         next = pacer_.NextDeadline(now_)) {
      const std::size_t before = sent_.size();
      now_ = *next;
      PopAll(now_);
      ASSERT_GT(sent_.size(), before) << "a deadline without a packet";
    }
    now_ = std::max(now_, end);
  }

  std::vector<std::uint8_t> Labels() const {
    std::vector<std::uint8_t> labels;
    for (const Sent& sent : sent_) labels.push_back(sent.label);
    return labels;
  }

  const Timestamp t0_ = FromMicros(1'000'000);
  Timestamp now_ = t0_;
  PacketPool pool_{Pacer::kCapacity + 8};
  Pacer pacer_;
  std::vector<Sent> sent_;
};

TEST_F(PacerTest, HasNoDeadlineWhenEmpty) {
  EXPECT_TRUE(pacer_.empty());
  EXPECT_FALSE(pacer_.NextDeadline(t0_));
  EXPECT_FALSE(pacer_.PopDue(t0_));
}

TEST_F(PacerTest, AnOrdinaryFrameLeavesAtOnceAtALowFrameRateToo) {
  pacer_.SetTargetBitrate(800'000, 100ms);  // 10 kB a frame.
  for (int packet = 0; packet < 10; ++packet) Enqueue(PacketClass::kMedia, 1'200, t0_);
  PopAll(t0_);
  EXPECT_EQ(sent_.size(), 10u);
}

TEST_F(PacerTest, AnOrdinaryFrameLeavesAtOnce) {
  // 800 kbit/s at 30 frames a second is 3.3 kB a frame.
  for (int frame = 0; frame < 30; ++frame) {
    const Timestamp now = t0_ + frame * Duration(33'333);
    for (int i = 0; i < 3; ++i) Enqueue(PacketClass::kMedia, 1100, now);
    PopAll(now);
    EXPECT_TRUE(pacer_.empty()) << frame;
  }
}

TEST_F(PacerTest, AKeyFrameIsSpreadAtTheLinkRateTimesTwoAndAHalf) {
  for (int i = 0; i < 30; ++i) Enqueue(PacketClass::kMedia, 1000, t0_);
  RunUntil(t0_ + 1s);
  ASSERT_EQ(sent_.size(), 30u);
  // 10 packets are the bucket, the others follow every 4 ms.
  EXPECT_EQ(sent_[9].time, t0_);
  EXPECT_GT(sent_[10].time, t0_);
  for (std::size_t i = 10; i < 30; ++i) {
    const Duration expected = 4ms * static_cast<int>(i - 9);
    EXPECT_NEAR(static_cast<double>((sent_[i].time - t0_ - expected).count()), 0, 100) << i;
  }
}

TEST_F(PacerTest, SendsByClass) {
  pacer_.SetTargetBitrate(1);
  Enqueue(PacketClass::kMedia, 1500, t0_);
  Enqueue(PacketClass::kMedia, 1500, t0_);
  PopAll(t0_);  // The bucket is empty now.
  sent_.clear();
  Enqueue(PacketClass::kRepair, 1000, t0_, 4);
  Enqueue(PacketClass::kMedia, 1000, t0_, 3);
  Enqueue(PacketClass::kRetransmission, 1000, t0_, 2);
  Enqueue(PacketClass::kAudio, 100, t0_, 1);
  PopAll(t0_);
  EXPECT_EQ(Labels(), (std::vector<std::uint8_t>{1})) << "audio does not wait for the bucket";
  RunUntil(t0_ + 1s);
  EXPECT_EQ(Labels(), (std::vector<std::uint8_t>{1, 2, 3, 4}));
}

TEST_F(PacerTest, AFloodOfRetransmissionsDoesNotStopTheMedia) {
  for (int i = 0; i < 20; ++i) Enqueue(PacketClass::kRetransmission, 100, t0_, 2);
  for (int i = 0; i < 2; ++i) Enqueue(PacketClass::kMedia, 100, t0_, 3);
  PopAll(t0_);
  const std::vector<std::uint8_t> labels = Labels();
  ASSERT_EQ(labels.size(), 22u);
  EXPECT_EQ(labels[8], 3);
  EXPECT_EQ(labels[17], 3);
}

TEST_F(PacerTest, NothingWaitsLongerThanTheBound) {
  // Far more than the rate allows, in two bursts.
  for (int i = 0; i < 400; ++i) Enqueue(PacketClass::kMedia, 1200, t0_);
  RunUntil(t0_ + 100ms);
  for (int i = 0; i < 400; ++i) Enqueue(PacketClass::kRepair, 1200, t0_ + 100ms, 1);
  RunUntil(t0_ + 2s);
  ASSERT_EQ(sent_.size(), 800u);
  for (const Sent& sent : sent_) {
    const Timestamp enqueued = sent.label == 1 ? t0_ + 100ms : t0_;
    EXPECT_LE(sent.time - enqueued, Pacer::kMaxDelay);
  }
  // Spread over that time, not held back and then burst.
  const auto first_half = std::count_if(sent_.begin(), sent_.end(),
                                        [&](const Sent& sent) { return sent.time < t0_ + 175ms; });
  EXPECT_GT(first_half, 300);
  EXPECT_LT(first_half, 550);
}

TEST_F(PacerTest, WhenFullRepairGivesWay) {
  for (std::size_t i = 0; i < Pacer::kCapacity; ++i) {
    ASSERT_TRUE(Enqueue(i < 2 ? PacketClass::kRepair : PacketClass::kMedia, 1200, t0_));
  }
  EXPECT_FALSE(Enqueue(PacketClass::kRepair, 1200, t0_));
  EXPECT_TRUE(Enqueue(PacketClass::kMedia, 1200, t0_));
  EXPECT_TRUE(Enqueue(PacketClass::kAudio, 100, t0_));
  EXPECT_FALSE(Enqueue(PacketClass::kMedia, 1200, t0_));
  EXPECT_EQ(pacer_.counters().repair_dropped, 2u);
  EXPECT_EQ(pacer_.counters().refused, 2u);
  EXPECT_EQ(pacer_.queued_packets(), Pacer::kCapacity);
  EXPECT_EQ(pool_.leased(), Pacer::kCapacity);
  RunUntil(t0_ + 1s);
  EXPECT_EQ(pacer_.queued_packets(), 0u);
  EXPECT_EQ(pacer_.queued_bytes(), 0u);
  EXPECT_EQ(pool_.leased(), 0u);
  EXPECT_EQ(pacer_.counters().sent, Pacer::kCapacity);
}

TEST_F(PacerTest, ALowerTargetTakesEffectAtOnce) {
  for (int i = 0; i < 10; ++i) Enqueue(PacketClass::kMedia, 1000, t0_);
  pacer_.SetTargetBitrate(80'000);  // Paced: 25 bytes a millisecond; the bucket shrinks to 3 kB.
  PopAll(t0_);
  EXPECT_EQ(sent_.size(), 3u);
}

TEST_F(PacerTest, KeepsItsAccountsOverRandomTraffic) {
  Random random(11);
  std::size_t enqueued = 0;
  for (int step = 0; step < 5'000; ++step) {
    const auto packet_class = static_cast<PacketClass>(random.Below(kPacketClasses));
    if (Enqueue(packet_class, 1 + random.Below(1200), now_)) ++enqueued;
    RunUntil(now_ + Duration(random.Below(8'000)));
  }
  RunUntil(now_ + 1s);
  EXPECT_EQ(sent_.size() + pacer_.counters().repair_dropped, enqueued);
  EXPECT_EQ(pool_.leased(), 0u);
}

}  // namespace
}  // namespace boardcast
