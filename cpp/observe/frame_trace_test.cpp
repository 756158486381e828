#include "observe/frame_trace.h"

#include <gtest/gtest.h>

namespace boardcast {
namespace {

TEST(FrameTrace, KeepsNothingUntilEnabled) {
  FrameTrace trace;
  trace.Add({.rtp_timestamp = 1});
  EXPECT_TRUE(trace.Take().empty());
  trace.Enable();
  trace.Add({.rtp_timestamp = 2});
  const auto taken = trace.Take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].rtp_timestamp, 2u);
  EXPECT_TRUE(trace.Take().empty());
}

TEST(FrameTrace, OverflowDropsTheOldestAndKeepsTheOrder) {
  FrameTrace trace;
  trace.Enable();
  for (std::uint32_t i = 0; i < FrameTrace::kCapacity + 10; ++i) trace.Add({.rtp_timestamp = i});
  const auto taken = trace.Take();
  ASSERT_EQ(taken.size(), FrameTrace::kCapacity);
  EXPECT_EQ(taken.front().rtp_timestamp, 10u);
  EXPECT_EQ(taken.back().rtp_timestamp, FrameTrace::kCapacity + 9);
}

}  // namespace
}  // namespace boardcast
