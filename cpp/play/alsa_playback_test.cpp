#include "play/alsa_playback.h"

#include <gtest/gtest.h>

namespace boardcast {
namespace {

TEST(AlsaPlayback, SaysWhichDeviceIsMissing) {
  auto playback = AlsaPlayback::Open("hw:31,7", {});
  ASSERT_FALSE(playback);
  EXPECT_NE(playback.error().message.find("speaker hw:31,7"), std::string::npos);
}

// ALSA's own "null" device takes everything without hardware.
TEST(AlsaPlayback, TakesMonoAndStereoBlocks) {
  for (const int channels : {1, 2}) {
    auto playback = AlsaPlayback::Open("null", {.channels = channels});
    ASSERT_TRUE(playback) << playback.error().message;
    AudioBlock block;
    for (const int block_channels : {1, 2}) {
      block.channels = block_channels;
      for (int n = 0; n < 20; ++n) EXPECT_TRUE((*playback)->Write(block));
    }
    EXPECT_EQ((*playback)->underruns(), 0u);
    EXPECT_EQ((*playback)->dropped_samples(), 0u);
    EXPECT_TRUE((*playback)->Close());
    EXPECT_TRUE((*playback)->Close());
    auto late = (*playback)->Write(block);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::kClosed);
    EXPECT_EQ((*playback)->Delay(), Duration(0));
  }
}

}  // namespace
}  // namespace boardcast
