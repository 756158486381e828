#include "receive/reception_statistics.h"

#include <gtest/gtest.h>

#include <vector>

namespace boardcast {
namespace {

constexpr std::int64_t kRate = 90'000;
const Timestamp kStart(1000s);

/// Feeds packets 10 ms and 900 ticks apart with the given sequence numbers.
ReceptionStatistics Feed(const std::vector<std::uint16_t>& numbers,
                         std::vector<std::int64_t>* unwrapped = nullptr) {
  ReceptionStatistics statistics(77);
  std::uint32_t index = 0;
  for (const std::uint16_t number : numbers) {
    const std::int64_t seq =
        statistics.OnPacket(number, 900 * index, kRate, 100, kStart + 10ms * index);
    if (unwrapped) unwrapped->push_back(seq);
    ++index;
  }
  return statistics;
}

TEST(ReceptionStatistics, CountsLossForEveryPattern) {
  struct Case {
    const char* name;
    std::vector<std::uint16_t> numbers;
    std::int64_t lost;
    std::uint8_t fraction;  // Of 256.
    std::uint32_t highest;
  };
  const Case cases[] = {
      {"nothing lost", {5, 6, 7, 8}, 0, 0, 8},
      {"one of four", {5, 6, 8}, 1, 64, 8},
      {"reordered", {5, 7, 6, 8}, 0, 0, 8},
      {"first two swapped", {6, 5, 7}, 0, 0, 7},
      {"duplicates", {5, 6, 6, 6}, -2, 0, 6},
      {"across the wrap", {65'534, 65'535, 1}, 1, 64, 65'537},
      {"back over the wrap", {1, 65'535, 0, 2}, 0, 0, 2},
      {"jump forward", {5, 6, 4000, 4001}, 0, 0, 4001},
      {"jump back", {30'000, 30'001, 7, 8}, 0, 0, 65'536 + 8},
      {"just not a jump", {5, 3005}, 2999, 255, 3005},
  };
  for (const Case& c : cases) {
    ReceptionStatistics statistics = Feed(c.numbers);
    const ReportBlock block = statistics.MakeReportBlock(kStart + 1s);
    EXPECT_EQ(statistics.packets_lost(), c.lost) << c.name;
    EXPECT_EQ(block.cumulative_lost, c.lost) << c.name;
    EXPECT_EQ(block.fraction_lost, c.fraction) << c.name;
    EXPECT_EQ(block.highest_sequence, c.highest) << c.name;
    EXPECT_EQ(block.ssrc, 77u) << c.name;
    EXPECT_EQ(statistics.packets_received(), c.numbers.size()) << c.name;
    EXPECT_EQ(statistics.bytes_received(), 100 * c.numbers.size()) << c.name;
  }
}

TEST(ReceptionStatistics, UnwrapsForwardOverWrapAndRestart) {
  std::vector<std::int64_t> unwrapped;
  Feed({65'535, 0, 65'534, 1, 40'000, 2, 3}, &unwrapped);
  const std::vector<std::int64_t> expected = {
      65'535, 65'536, 65'534, 65'537, 65'536 + 40'000, 2 * 65'536 + 2, 2 * 65'536 + 3};
  // 40'000 lies 39'999 ahead, which as 16-bit arithmetic is a step back: a restart.
  EXPECT_EQ(unwrapped, expected);
}

TEST(ReceptionStatistics, FractionLostCoversOnlyTheTimeSinceTheLastReport) {
  ReceptionStatistics statistics(1);
  for (const int seq : {0, 1, 2, 4}) statistics.OnPacket(seq, 0, kRate, 1, kStart);
  EXPECT_EQ(statistics.MakeReportBlock(kStart).fraction_lost, 256 / 5);
  for (const int seq : {5, 6, 7, 8}) statistics.OnPacket(seq, 0, kRate, 1, kStart);
  const ReportBlock block = statistics.MakeReportBlock(kStart);
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 1);
  EXPECT_EQ(statistics.MakeReportBlock(kStart).fraction_lost, 0);  // Nothing was expected.
}

TEST(ReceptionStatistics, JitterIsZeroOnASteadyStreamAndFollowsTheFormula) {
  ReceptionStatistics statistics = Feed({1, 2, 3, 4, 5});
  EXPECT_EQ(statistics.jitter(), 0);
  // 8 ms late: J = |D| / 16.
  statistics.OnPacket(6, 900 * 5, kRate, 1, kStart + 58ms);
  EXPECT_NEAR(statistics.jitter(), 0.0005, 1e-9);
  // Back in step: J += (8 ms - J) / 16.
  statistics.OnPacket(7, 900 * 6, kRate, 1, kStart + 60ms);
  EXPECT_NEAR(statistics.jitter(), 0.0005 + (0.008 - 0.0005) / 16, 1e-9);
  EXPECT_EQ(statistics.MakeReportBlock(kStart).jitter, 87u);
}

TEST(ReceptionStatistics, JitterSurvivesTheTimestampWrap) {
  ReceptionStatistics statistics(1);
  std::uint32_t timestamp = 0xffff'ffff - 1000;
  for (std::uint16_t i = 0; i < 10; ++i, timestamp += 900) {
    statistics.OnPacket(i, timestamp, kRate, 1, kStart + 10ms * i);
  }
  EXPECT_EQ(statistics.jitter(), 0);
}

TEST(ReceptionStatistics, EchoesTheLastSenderReport) {
  ReceptionStatistics statistics = Feed({1});
  const ReportBlock before = statistics.MakeReportBlock(kStart);
  EXPECT_EQ(before.last_sr, 0u);
  EXPECT_EQ(before.delay_since_last_sr, 0u);
  statistics.OnSenderReport({0x1122'3344'5566'7788}, kStart);
  const ReportBlock block = statistics.MakeReportBlock(kStart + 1500ms);
  EXPECT_EQ(block.last_sr, 0x3344'5566u);
  EXPECT_EQ(block.delay_since_last_sr, 0x1'8000u);
}

TEST(ReceptionStatistics, NothingReceivedMakesAnEmptyBlock) {
  ReceptionStatistics statistics(9);
  const ReportBlock block = statistics.MakeReportBlock(kStart);
  EXPECT_EQ(block.ssrc, 9u);
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 0);
  EXPECT_EQ(statistics.jitter(), 0);
}

}  // namespace
}  // namespace boardcast
