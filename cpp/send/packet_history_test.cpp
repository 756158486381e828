#include "send/packet_history.h"

#include <gtest/gtest.h>

#include "testing/packet_builder.h"

namespace boardcast {
namespace {

class PacketHistoryTest : public ::testing::Test {
 protected:
  void Add(std::uint16_t sequence_number, Timestamp now) {
    history_.Add(sequence_number,
                 BuildRtpPacket({.sequence_number = sequence_number}, random_, pool_), now);
  }

  const Timestamp t0_ = FromMicros(5'000'000);
  Random random_{1};
  PacketPool pool_{PacketHistory::kCapacity + 1};
  PacketHistory history_;
};

TEST_F(PacketHistoryTest, FindsTheLast1024AcrossTheWrap) {
  for (std::uint32_t sequence = 64'000; sequence < 67'000; ++sequence) {
    Add(static_cast<std::uint16_t>(sequence), t0_);
  }
  EXPECT_EQ(pool_.leased(), PacketHistory::kCapacity);
  EXPECT_EQ(history_.Find(static_cast<std::uint16_t>(67'000)), nullptr);
  EXPECT_EQ(history_.Find(static_cast<std::uint16_t>(67'000 - 1025)), nullptr);
  for (const std::uint32_t sequence : {66'999u, 66'000u, 67'000u - 1024u}) {
    const PacketLease* packet = history_.Find(static_cast<std::uint16_t>(sequence));
    ASSERT_NE(packet, nullptr) << sequence;
    EXPECT_EQ((*packet)->buffer[3], static_cast<std::uint8_t>(sequence));
  }
  history_.Clear();
  EXPECT_EQ(pool_.leased(), 0u);
  EXPECT_EQ(history_.Find(static_cast<std::uint16_t>(66'999)), nullptr);
}

TEST_F(PacketHistoryTest, AnEmptyHistoryHoldsNothingNotEvenZero) {
  EXPECT_EQ(history_.Find(0), nullptr);
  EXPECT_FALSE(history_.ShouldRetransmit(0, t0_, 50ms));
}

TEST_F(PacketHistoryTest, DoesNotRepeatWithinARoundTrip) {
  const struct {
    Duration round_trip;
    Duration too_soon;
    Duration in_time;
  } cases[] = {{100ms, 79ms, 80ms}, {1ms, 9ms, 10ms}, {0ms, 9ms, 10ms}, {500ms, 399ms, 400ms}};
  for (const auto& [round_trip, too_soon, in_time] : cases) {
    Add(1, t0_);
    EXPECT_TRUE(history_.ShouldRetransmit(1, t0_, round_trip));
    EXPECT_FALSE(history_.ShouldRetransmit(1, t0_ + too_soon, round_trip));
    EXPECT_TRUE(history_.ShouldRetransmit(1, t0_ + in_time, round_trip));
    EXPECT_FALSE(history_.ShouldRetransmit(1, t0_ + in_time + too_soon, round_trip));
  }
}

TEST_F(PacketHistoryTest, DoesNotRetransmitOldPackets) {
  Add(1, t0_);
  EXPECT_FALSE(history_.ShouldRetransmit(1, t0_ + 2001ms, 50ms));
  EXPECT_TRUE(history_.ShouldRetransmit(1, t0_ + 2000ms, 50ms));
}

}  // namespace
}  // namespace boardcast
