#include "capture/alsa_capture.h"

#include <gtest/gtest.h>

#include "capture/alsa_devices.h"

namespace boardcast {
namespace {

const Timestamp t0 = FromMicros(5'000'000);

TEST(AlsaDevices, ListsWithoutFault) {
  for (const AlsaDeviceInfo& device : ListAlsaDevices()) {
    EXPECT_TRUE(device.device.starts_with("hw:")) << device.device;
    EXPECT_TRUE(device.capture || device.playback);
  }
}

TEST(AlsaCapture, SaysWhichDeviceIsMissing) {
  auto capture = AlsaCapture::Open("hw:31,7", {});
  ASSERT_FALSE(capture);
  EXPECT_NE(capture.error().message.find("microphone hw:31,7"), std::string::npos);
  EXPECT_FALSE(AlsaCapture::Open("no-such-device", {}));
}

// ALSA's own "null" device delivers silence without hardware.
TEST(AlsaCapture, DeliversBlocksOfTenMilliseconds) {
  for (const int channels : {1, 2}) {
    auto capture = AlsaCapture::Open("null", {.channels = channels});
    ASSERT_TRUE(capture) << capture.error().message;
    const SourceWait wait = (*capture)->Wait(t0);
    EXPECT_TRUE(wait.fd >= 0 || wait.due);
    for (int n = 0; n < 5; ++n) {
      auto block = (*capture)->Read(t0);
      ASSERT_TRUE(block && *block);
      EXPECT_EQ((*block)->channels, channels);
      EXPECT_EQ((*block)->media_time_us, n * 10'000);
      EXPECT_LE((*block)->capture_time, t0 - 10ms);
    }
    EXPECT_EQ((*capture)->overruns(), 0u);
  }
}

TEST(AlsaCapture, DropsWhatNobodyHasRoomFor) {
  auto capture = AlsaCapture::Open("null", {.buffers = 1});
  ASSERT_TRUE(capture);
  auto held = (*capture)->Read(t0);
  ASSERT_TRUE(held && *held);
  auto none = (*capture)->Read(t0);
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  EXPECT_EQ((*capture)->skipped(), 1u);
  held->Reset();
  auto next = (*capture)->Read(t0);
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->media_time_us, 20'000);
}

}  // namespace
}  // namespace boardcast
