#include "capture/source_pacer.h"

#include <gtest/gtest.h>

namespace boardcast {
namespace {

const Timestamp t0 = FromMicros(1'000'000);

TEST(SourcePacer, DueTimesDoNotDrift) {
  SourcePacer pacer({.rate = 30000.0 / 1001});
  EXPECT_EQ(pacer.NextDue(t0), t0);
  for (std::int64_t n = 0; n < 30000; ++n) {
    EXPECT_EQ(pacer.Take(pacer.NextDue(t0)), n);
  }
  EXPECT_EQ(pacer.NextDue(t0), t0 + 1001s);
  EXPECT_EQ(pacer.MediaTime(30000), Duration(1001s));
  EXPECT_EQ(pacer.skipped(), 0u);
}

TEST(SourcePacer, CatchesUpOnASmallDelayWithoutSkipping) {
  SourcePacer pacer({.rate = 10});
  EXPECT_EQ(pacer.NextDue(t0), t0);
  EXPECT_EQ(pacer.Take(t0), 0);
  EXPECT_EQ(pacer.Take(t0 + 300ms), 1);  // 200 ms late: still given out.
  EXPECT_EQ(pacer.Take(t0 + 300ms), 2);
  EXPECT_EQ(pacer.skipped(), 0u);
}

TEST(SourcePacer, SkipsToTheNewestWhenFarBehind) {
  SourcePacer pacer({.rate = 30});
  EXPECT_EQ(pacer.NextDue(t0), t0);
  EXPECT_EQ(pacer.Take(t0), 0);
  EXPECT_EQ(pacer.Take(t0 + 1s), 30);
  EXPECT_EQ(pacer.skipped(), 29u);
  EXPECT_EQ(pacer.NextDue(t0 + 1s), t0 + pacer.MediaTime(31));
}

TEST(SourcePacer, NeverSkipsToOneThatIsNotDue) {
  for (const double rate : {23.976, 29.97, 59.94, 100.0, 7.5}) {
    SourcePacer pacer({.rate = rate});
    EXPECT_EQ(pacer.NextDue(t0), t0);
    for (int i = 1; i < 200; ++i) {
      const Timestamp now = t0 + i * Duration(1'234'567);
      EXPECT_LE(t0 + pacer.MediaTime(pacer.Take(now)), now);
      EXPECT_GT(pacer.NextDue(now), now);
    }
  }
}

TEST(SourcePacer, UnpacedIsAlwaysDueAndNeverSkips) {
  SourcePacer pacer({.rate = 30, .paced = false});
  for (int n = 0; n < 5; ++n) {
    const Timestamp now = t0 + n * 10s;
    EXPECT_EQ(pacer.NextDue(now), now);
    EXPECT_EQ(pacer.Take(now), n);
  }
  EXPECT_EQ(pacer.skipped(), 0u);
}

TEST(SourcePacer, DeferMakesTheSameOneDueAgainShortly) {
  SourcePacer pacer({.rate = 30, .paced = false, .retry_wait = 2ms});
  EXPECT_EQ(pacer.NextDue(t0), t0);
  pacer.Defer(t0);
  EXPECT_EQ(pacer.NextDue(t0), t0 + 2ms);
  EXPECT_EQ(pacer.Take(t0 + 2ms), 0);
}

}  // namespace
}  // namespace boardcast
