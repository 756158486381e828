#include "capture/v4l2_camera.h"

#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include <vector>

#include "capture/v4l2_convert.h"
#include "capture/v4l2_devices.h"
#include "testing/temp_folder.h"

namespace boardcast {
namespace {

TEST(V4l2Devices, ListsWithoutFault) {
  for (const V4l2DeviceInfo& device : ListV4l2Devices()) {
    EXPECT_TRUE(device.path.starts_with("/dev/video")) << device.path;
    EXPECT_FALSE(device.driver.empty());
  }
}

TEST(V4l2Camera, SaysWhatIsWrongWithThePath) {
  auto missing = V4l2Camera::Open("/dev/video-none", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);

  const TempFolder folder;
  for (const std::string& path :
       {folder.Write("clip.mp4", "not a camera"), std::string("/dev/null")}) {
    auto wrong = V4l2Camera::Open(path, {});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(wrong.error().message.find(path + " is not a V4L2 camera"), std::string::npos);
  }
}

TEST(V4l2Modes, ChoosesTheNearestSizeThenTheRateThenTheCheapestFormat) {
  const V4l2Mode yuyv_vga{V4L2_PIX_FMT_YUYV, 640, 480, 30};
  const V4l2Mode yuyv_hd{V4L2_PIX_FMT_YUYV, 1280, 720, 10};
  const V4l2Mode mjpeg_hd{V4L2_PIX_FMT_MJPEG, 1280, 720, 30};
  const V4l2Mode nv12_hd{V4L2_PIX_FMT_NV12, 1280, 720, 29.97};
  const struct {
    std::vector<V4l2Mode> modes;
    VideoFormat wanted;
    std::size_t expected;
  } cases[] = {
      {{yuyv_vga, yuyv_hd, mjpeg_hd}, {.width = 640, .height = 360}, 0},
      {{yuyv_vga, yuyv_hd, mjpeg_hd}, {.width = 1280, .height = 720}, 2},
      {{yuyv_vga, yuyv_hd, mjpeg_hd}, {.width = 1280, .height = 720, .frame_rate = 10}, 1},
      {{mjpeg_hd, nv12_hd}, {.width = 1280, .height = 720}, 1},
      {{yuyv_vga, mjpeg_hd}, {.width = 1920, .height = 1080}, 1},
  };
  for (const auto& test : cases) {
    const auto mode = ChooseV4l2Mode(test.modes, test.wanted);
    ASSERT_TRUE(mode);
    const V4l2Mode& expected = test.modes[test.expected];
    EXPECT_EQ(mode->fourcc, expected.fourcc);
    EXPECT_EQ(mode->width, expected.width);
  }
  EXPECT_FALSE(ChooseV4l2Mode({}, {.width = 640, .height = 360}));
}

TEST(V4l2Convert, RawFormats) {
  constexpr int kWidth = 32;
  constexpr int kHeight = 16;
  constexpr int kStride = 80;  // Wider than any row.
  const std::vector<std::uint8_t> packed(kStride * kHeight, 90);
  std::vector<std::uint8_t> planar(kStride * kHeight * 3 / 2, 60);
  std::fill(planar.begin() + kStride * kHeight, planar.end(), 150);
  const struct {
    std::uint32_t fourcc;
    PixelFormat format;
    const std::vector<std::uint8_t>& bytes;
    int luma, chroma;
  } cases[] = {{V4L2_PIX_FMT_YUYV, PixelFormat::kI420, packed, 90, 90},
               {V4L2_PIX_FMT_YUV420, PixelFormat::kI420, planar, 60, 150},
               {V4L2_PIX_FMT_NV12, PixelFormat::kNv12, planar, 60, 150}};
  for (const auto& test : cases) {
    VideoFrame frame;
    ShapeFrame(frame, test.format, kWidth, kHeight);
    EXPECT_TRUE(ConvertV4l2Picture({test.fourcc, kStride, test.bytes}, frame));
    for (int p = 0; p < frame.plane_count(); ++p) {
      const Plane& plane = frame.planes[p];
      const int last = plane.data[(plane.height - 1) * plane.stride + plane.width - 1];
      EXPECT_EQ(last, p == 0 ? test.luma : test.chroma);
    }
    const Bytes cut = Bytes(test.bytes).first(test.bytes.size() - 1);
    EXPECT_FALSE(ConvertV4l2Picture({test.fourcc, kStride, cut}, frame));
  }
}

TEST(V4l2Convert, BrokenJpegIsRefused) {
  VideoFrame frame;
  ShapeFrame(frame, PixelFormat::kI420, 64, 64);
  const std::vector<std::uint8_t> noise(4000, 0x5a);
  const std::vector<std::uint8_t> start = {0xff, 0xd8, 0xff, 0xe0, 0x00};
  EXPECT_FALSE(ConvertV4l2Picture({V4L2_PIX_FMT_MJPEG, 0, noise}, frame));
  EXPECT_FALSE(ConvertV4l2Picture({V4L2_PIX_FMT_MJPEG, 0, start}, frame));
  EXPECT_FALSE(ConvertV4l2Picture({V4L2_PIX_FMT_MJPEG, 0, {}}, frame));
}

}  // namespace
}  // namespace boardcast
