#include "receive/sender_clock.h"

#include <gtest/gtest.h>

namespace boardcast {
namespace {

constexpr std::int64_t kUnixMicros = 1'700'000'000'123'456;
const ClockMapping kLocal{Timestamp(500s), kUnixMicros};

TEST(SenderClock, KnowsNothingBeforeTheFirstReport) {
  EXPECT_FALSE(SenderClock().CaptureTime(0, kLocal));
}

TEST(SenderClock, MapsTimestampsAroundTheReportAndItsWrap) {
  struct Case {
    std::uint32_t report;
    std::uint32_t timestamp;
    Duration after_report;
  };
  const Case cases[] = {
      {1000, 1000, 0s},          {1000, 1000 + 90'000, 1s},     {90'500, 500, -1s},
      {0xffff'ffff, 89'999, 1s}, {44'999, 0xffff'ffff, -500ms}, {0, 3, 33us},
  };
  for (const Case& c : cases) {
    SenderClock clock;
    clock.OnSenderReport(NtpFromUnixMicros(kUnixMicros + 2'000'000), c.report, 90'000);
    EXPECT_EQ(clock.CaptureTime(c.timestamp, kLocal), Timestamp(502s) + c.after_report)
        << c.report << " " << c.timestamp;
  }
}

TEST(SenderClock, FollowsTheLatestReport) {
  SenderClock clock;
  clock.OnSenderReport(NtpFromUnixMicros(kUnixMicros), 0, 48'000);
  clock.OnSenderReport(NtpFromUnixMicros(kUnixMicros + 1'000'000), 47'000, 48'000);
  EXPECT_EQ(clock.CaptureTime(47'000 + 4800, kLocal), Timestamp(501s) + 100ms);
}

}  // namespace
}  // namespace boardcast
