#include "connect/replay_window.h"

#include <gtest/gtest.h>

#include <set>

#include "testing/random.h"

namespace boardcast {
namespace {

TEST(ReplayWindowTest, TakesEachIndexOnce) {
  ReplayWindow window;
  EXPECT_FALSE(window.highest());
  for (const std::int64_t index : {5, 3, 4, 0, 1000, 64, 63, 65}) {
    ASSERT_TRUE(window.IsNew(index)) << index;
    window.Mark(index);
    ASSERT_FALSE(window.IsNew(index)) << index;
  }
  EXPECT_EQ(window.highest(), 1000);
}

TEST(ReplayWindowTest, RefusesWhatIsOlderThanTheWindow) {
  ReplayWindow window;
  window.Mark(5000);
  EXPECT_TRUE(window.IsNew(5000 - ReplayWindow::kSize + 1));
  EXPECT_FALSE(window.IsNew(5000 - ReplayWindow::kSize));
}

TEST(ReplayWindowTest, AgreesWithAPlainSetOverRandomSteps) {
  ReplayWindow window;
  std::set<std::int64_t> seen;
  Random random(7);
  std::int64_t position = 0;
  for (int i = 0; i < 20'000; ++i) {
    position += static_cast<std::int64_t>(random.Below(random.Below(50) == 0 ? 3000 : 4));
    const std::int64_t index =
        std::max<std::int64_t>(position - static_cast<std::int64_t>(random.Below(1200)), 0);
    const std::int64_t highest = seen.empty() ? -1 : *seen.rbegin();
    const bool expected = !seen.contains(index) && index > highest - ReplayWindow::kSize;
    ASSERT_EQ(window.IsNew(index), expected) << index << " after " << highest;
    if (!expected) continue;
    window.Mark(index);
    seen.insert(index);
  }
}

}  // namespace
}  // namespace boardcast
