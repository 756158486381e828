#include "testing/network_emulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/byte_writer.h"

namespace boardcast {
namespace {

struct Arrival {
  std::uint32_t number;
  Timestamp time;

  bool operator==(const Arrival&) const = default;
};

const Timestamp t0 = FromMicros(1'000'000);

// Sends `count` packets of `size` bytes, one each `spacing`, and returns what arrives when.
std::vector<Arrival> Pass(NetworkEmulator& link, std::uint32_t count, Duration spacing,
                          std::size_t size = 100) {
  std::vector<Arrival> arrivals;
  const auto deliver = [&](Timestamp until) {
    while (link.NextDeadline() && *link.NextDeadline() <= until) {
      const Timestamp now = *link.NextDeadline();
      while (const PacketLease packet = link.PopDue(now)) {
        EXPECT_EQ(packet->size, size);
        arrivals.push_back({ByteReader(packet->bytes()).U32(), now});
      }
    }
  };
  std::vector<std::uint8_t> bytes(size);
  for (std::uint32_t number = 0; number < count; ++number) {
    const Timestamp now = t0 + number * spacing;
    deliver(now);
    ByteWriter(bytes).U32(number);
    link.Send(bytes, now);
  }
  deliver(t0 + count * spacing + 1h);
  return arrivals;
}

std::vector<Arrival> Pass(const NetworkConditions& conditions, std::uint32_t count,
                          Duration spacing) {
  NetworkEmulator link(conditions, 1);
  return Pass(link, count, spacing);
}

TEST(NetworkEmulatorTest, APerfectLinkDeliversAtOnceAndInOrder) {
  const std::vector<Arrival> arrivals = Pass(NetworkConditions{}, 100, 1ms);
  ASSERT_EQ(arrivals.size(), 100u);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(arrivals[i], (Arrival{i, t0 + i * 1ms}));
}

TEST(NetworkEmulatorTest, TheSameSeedGivesTheSameFate) {
  const NetworkConditions bad{.loss_percent = 5,
                              .delay = 40ms,
                              .jitter = 5ms,
                              .reorder_percent = 2,
                              .duplicate_percent = 1,
                              .rate_bps = 1'000'000,
                              .burst_loss = GilbertElliott{0.01, 0.3, 0, 0.8}};
  NetworkEmulator first(bad, 7);
  NetworkEmulator second(bad, 7);
  NetworkEmulator other(bad, 8);
  const std::vector<Arrival> arrivals = Pass(first, 2000, 2ms);
  EXPECT_EQ(arrivals, Pass(second, 2000, 2ms));
  EXPECT_NE(arrivals, Pass(other, 2000, 2ms));
}

TEST(NetworkEmulatorTest, LosesAsManyAsAskedWhateverElseIsOn) {
  const NetworkConditions plain{.loss_percent = 5};
  const NetworkConditions jittery{.loss_percent = 5, .delay = 40ms, .jitter = 5ms};
  const std::vector<Arrival> arrivals = Pass(plain, 20'000, 1ms);
  EXPECT_NEAR(static_cast<double>(arrivals.size()), 19'000, 150);
  const std::vector<Arrival> delayed = Pass(jittery, 20'000, 1ms);
  EXPECT_TRUE(std::equal(arrivals.begin(), arrivals.end(), delayed.begin(), delayed.end(),
                         [](const Arrival& a, const Arrival& b) { return a.number == b.number; }));
}

TEST(NetworkEmulatorTest, DelaysByDelayAndHalfTheJitterOnAverage) {
  const std::vector<Arrival> arrivals = Pass({.delay = 40ms, .jitter = 10ms}, 5000, 20ms);
  ASSERT_EQ(arrivals.size(), 5000u);
  Duration sum{0};
  for (const Arrival& arrival : arrivals) {
    const Duration delay = arrival.time - (t0 + arrival.number * 20ms);
    EXPECT_GE(delay, 40ms);
    EXPECT_LT(delay, 50ms);
    sum += delay;
  }
  EXPECT_NEAR(static_cast<double>(sum.count()) / 5000, 45'000, 200);
}

TEST(NetworkEmulatorTest, JitterKeepsTheOrder) {
  const std::vector<Arrival> arrivals = Pass({.delay = 10ms, .jitter = 50ms}, 2000, 1ms);
  ASSERT_EQ(arrivals.size(), 2000u);
  for (std::uint32_t i = 0; i < arrivals.size(); ++i) EXPECT_EQ(arrivals[i].number, i);
}

TEST(NetworkEmulatorTest, ReordersWhenAsked) {
  const std::vector<Arrival> arrivals = Pass({.delay = 10ms, .reorder_percent = 5}, 2000, 1ms);
  ASSERT_EQ(arrivals.size(), 2000u);
  int held_back = 0;
  for (const Arrival& arrival : arrivals) {
    const Duration delay = arrival.time - (t0 + arrival.number * 1ms);
    if (delay == 10ms) continue;
    EXPECT_EQ(delay, 10ms + NetworkEmulator::kReorderDelay);
    ++held_back;
  }
  EXPECT_NEAR(held_back, 100, 30);
}

TEST(NetworkEmulatorTest, DuplicatesWhenAsked) {
  NetworkEmulator link({.duplicate_percent = 10}, 1);
  const std::vector<Arrival> arrivals = Pass(link, 2000, 1ms);
  EXPECT_EQ(arrivals.size(), 2000 + link.counters().duplicated);
  EXPECT_NEAR(static_cast<double>(link.counters().duplicated), 200, 50);
}

TEST(NetworkEmulatorTest, LimitsTheRateAndItsQueue) {
  // 1 Mbit/s carries a packet of 1250 bytes in 10 ms.
  NetworkEmulator link({.rate_bps = 1'000'000}, 1);
  const std::vector<Arrival> arrivals = Pass(link, 200, Duration(0), 1250);
  ASSERT_EQ(arrivals.size(), 51u);  // The packet under way and 500 ms of queue.
  for (std::uint32_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_EQ(arrivals[i].time, t0 + (i + 1) * 10ms);
  }
  EXPECT_EQ(link.counters().overflowed, 149u);
}

TEST(NetworkEmulatorTest, LosesInBursts) {
  // On average 4 % of the time in the bad state, in stays of 5 packets.
  NetworkEmulator link({.burst_loss = GilbertElliott{1.0 / 120, 0.2, 0, 1}}, 3);
  const std::vector<Arrival> arrivals = Pass(link, 50'000, 1ms);
  int bursts = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    if (arrivals[i].number != arrivals[i - 1].number + 1) ++bursts;
  }
  const auto lost = static_cast<double>(link.counters().lost);
  EXPECT_NEAR(lost, 2000, 400);
  EXPECT_NEAR(lost / bursts, 5, 0.8);
}

TEST(NetworkEmulatorTest, NewConditionsHoldForNewPackets) {
  NetworkEmulator link({.delay = 40ms}, 1);
  const std::array<std::uint8_t, 4> bytes{};
  link.Send(bytes, t0);
  link.SetConditions({.loss_percent = 100});
  link.Send(bytes, t0 + 1ms);
  link.SetConditions({.delay = 1ms});
  link.Send(bytes, t0 + 2ms);  // Would arrive first, but the order is kept.
  EXPECT_EQ(link.NextDeadline(), t0 + 40ms);
  EXPECT_FALSE(link.PopDue(t0 + 39ms));
  EXPECT_TRUE(link.PopDue(t0 + 40ms));
  EXPECT_TRUE(link.PopDue(t0 + 40ms));
  EXPECT_FALSE(link.NextDeadline());
  EXPECT_EQ(link.counters().sent, 3u);
  EXPECT_EQ(link.counters().lost, 1u);
  EXPECT_EQ(link.counters().delivered, 2u);
}

TEST(NetworkEmulatorTest, HoldsNoMoreThanItsCapacity) {
  NetworkEmulator link({.delay = 1s}, 1, 10);
  const std::vector<Arrival> arrivals = Pass(link, 25, 1ms);
  EXPECT_EQ(arrivals.size(), 10u);
  EXPECT_EQ(link.counters().overflowed, 15u);

  PacketPool pool(20);
  for (int i = 0; i < 12; ++i) {
    PacketLease packet = pool.Acquire();
    packet->size = 100;
    link.Send(std::move(packet), t0 + 2h);
  }
  EXPECT_EQ(pool.leased(), 10u);
  EXPECT_EQ(link.counters().overflowed, 17u);
}

TEST(RandomTest, IsTheSameEverywhere) {
  Random random(1);
  EXPECT_EQ(random.Next(), 0x910a'2dec'8902'5cc1u);
  EXPECT_EQ(random.Next(), 0xbeeb'8da1'658e'ec67u);
  const double unit = random.Unit();
  EXPECT_GE(unit, 0);
  EXPECT_LT(unit, 1);
}

}  // namespace
}  // namespace boardcast
