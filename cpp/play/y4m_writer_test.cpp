#include "play/y4m_writer.h"

#include <gtest/gtest.h>

#include <cstring>

#include "testing/file_size_limit.h"
#include "testing/temp_folder.h"

namespace boardcast {
namespace {

constexpr int kWidth = 32;
constexpr int kHeight = 16;
constexpr std::size_t kFrameBytes = 6 + kWidth * kHeight * 3 / 2;
const std::string kHeader = "YUV4MPEG2 W32 H16 F25:1 Ip A1:1 C420jpeg\n";

/// Plane p has the value base + p; in NV12, U and V have base + 1 and base + 2 as well.
VideoFrame MakeFrame(PixelFormat format, int base, int width = kWidth, int height = kHeight) {
  VideoFrame frame;
  ShapeFrame(frame, format, width, height);
  for (int p = 0; p < frame.plane_count(); ++p) {
    const Plane& plane = frame.planes[p];
    for (int y = 0; y < plane.height; ++y) {
      for (int x = 0; x < plane.width; ++x) {
        const int interleaved = format == PixelFormat::kNv12 && p == 1 ? x % 2 : 0;
        plane.data[y * plane.stride + x] = static_cast<std::uint8_t>(base + p + interleaved);
      }
    }
  }
  return frame;
}

std::string FrameBytes(int base) {
  return "FRAME\n" + std::string(kWidth * kHeight, static_cast<char>(base)) +
         std::string(kWidth * kHeight / 4, static_cast<char>(base + 1)) +
         std::string(kWidth * kHeight / 4, static_cast<char>(base + 2));
}

TEST(Y4mWriter, WritesHeaderAndFramesOfBothFormats) {
  const TempFolder folder;
  auto writer = Y4mWriter::Create(folder.Path("out.y4m"), 25);
  ASSERT_TRUE(writer);
  EXPECT_TRUE((*writer)->Write(MakeFrame(PixelFormat::kI420, 10)));
  EXPECT_EQ(folder.Read("out.y4m"), kHeader + FrameBytes(10));  // Playable before Close().
  EXPECT_TRUE((*writer)->Write(MakeFrame(PixelFormat::kNv12, 20)));
  EXPECT_TRUE((*writer)->Close());
  EXPECT_TRUE((*writer)->Close());
  EXPECT_EQ(folder.Read("out.y4m"), kHeader + FrameBytes(10) + FrameBytes(20));
  EXPECT_EQ((*writer)->frames_written(), 2u);
  auto late = (*writer)->Write(MakeFrame(PixelFormat::kI420, 30));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kClosed);
}

TEST(Y4mWriter, FrameRates) {
  const struct {
    double rate;
    const char* text;
  } cases[] = {
      {30, " F30:1 "},         {30000.0 / 1001, " F30000:1001 "}, {24000.0 / 1001, " F24000:1001 "},
      {12.5, " F12500:1000 "}, {29.97, " F30000:1001 "},          {1, " F1:1 "}};
  const TempFolder folder;
  for (const auto& test : cases) {
    auto writer = Y4mWriter::Create(folder.Path("out.y4m"), test.rate);
    ASSERT_TRUE(writer && (*writer)->Write(MakeFrame(PixelFormat::kI420, 0)));
    EXPECT_NE(folder.Read("out.y4m").find(test.text), std::string::npos) << test.text;
  }
}

TEST(Y4mWriter, AnotherSizeIsRefusedAndTheFileGoesOn) {
  const TempFolder folder;
  auto writer = Y4mWriter::Create(folder.Path("out.y4m"), 25);
  ASSERT_TRUE(writer && (*writer)->Write(MakeFrame(PixelFormat::kI420, 10)));
  auto wrong = (*writer)->Write(MakeFrame(PixelFormat::kI420, 10, 64, 16));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(wrong.error().message.find("64x16"), std::string::npos);
  EXPECT_TRUE((*writer)->Write(MakeFrame(PixelFormat::kI420, 20)));
  EXPECT_EQ(folder.Read("out.y4m"), kHeader + FrameBytes(10) + FrameBytes(20));
}

TEST(Y4mWriter, WhenTheDiskIsFullTheFileEndsWithAWholeFrame) {
  const TempFolder folder;
  auto writer = Y4mWriter::Create(folder.Path("out.y4m"), 25);
  ASSERT_TRUE(writer);
  const FileSizeLimit limit(kHeader.size() + 2 * kFrameBytes + 100);
  EXPECT_TRUE((*writer)->Write(MakeFrame(PixelFormat::kI420, 10)));
  EXPECT_TRUE((*writer)->Write(MakeFrame(PixelFormat::kI420, 20)));
  for (int again = 0; again < 2; ++again) {
    auto full = (*writer)->Write(MakeFrame(PixelFormat::kI420, 30));
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ErrorCode::kDiskFull);
    EXPECT_NE(full.error().message.find("disk is full"), std::string::npos);
  }
  EXPECT_EQ(folder.Read("out.y4m"), kHeader + FrameBytes(10) + FrameBytes(20));
  EXPECT_TRUE((*writer)->Close());
}

TEST(Y4mWriter, FullDeviceAndMissingFolder) {
  auto full = Y4mWriter::Create("/dev/full", 25);
  ASSERT_TRUE(full);
  auto status = (*full)->Write(MakeFrame(PixelFormat::kI420, 10));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kDiskFull);
  auto missing = Y4mWriter::Create("/nonexistent/folder/out.y4m", 25);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace boardcast
