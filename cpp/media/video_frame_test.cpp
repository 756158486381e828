#include "media/video_frame.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace boardcast {
namespace {

TEST(VideoFrame, PlanesAreAlignedAndDoNotOverlap) {
  for (const PixelFormat format : {PixelFormat::kI420, PixelFormat::kNv12}) {
    VideoFrame frame;
    ShapeFrame(frame, format, 322, 182);
    EXPECT_EQ(frame.planes[0].width, 322);
    EXPECT_EQ(frame.planes[1].width, format == PixelFormat::kI420 ? 161 : 322);
    EXPECT_EQ(frame.planes[1].height, 91);
    for (int p = 0; p < frame.plane_count(); ++p) {
      const Plane& plane = frame.planes[p];
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(plane.data) % 64, 0u);
      EXPECT_GE(plane.stride, plane.width);
      for (int row = 0; row < plane.height; ++row) {
        std::memset(plane.data + static_cast<std::ptrdiff_t>(row) * plane.stride, p + 1,
                    static_cast<std::size_t>(plane.width));
      }
    }
    for (int p = 0; p < frame.plane_count(); ++p) EXPECT_EQ(frame.planes[p].data[0], p + 1);
  }
}

TEST(VideoFrame, KeepsItsMemoryWhenItShrinks) {
  VideoFrame frame;
  ShapeFrame(frame, PixelFormat::kI420, 1280, 720);
  const std::uint8_t* memory = frame.memory.get();
  ShapeFrame(frame, PixelFormat::kI420, 640, 360);
  EXPECT_EQ(frame.memory.get(), memory);
}

TEST(VideoFrame, CopiesPicturesAndTimes) {
  VideoFrame from;
  ShapeFrame(from, PixelFormat::kI420, 64, 64);
  from.planes[2].data[5] = 99;
  from.media_time_us = 42;
  from.rtp_timestamp = 7;
  from.damaged = true;
  VideoFrame to;
  CopyFrame(from, to);
  EXPECT_EQ(to.planes[2].data[5], 99);
  EXPECT_EQ(to.media_time_us, 42);
  EXPECT_EQ(to.rtp_timestamp, 7u);
  EXPECT_TRUE(to.damaged);
}

}  // namespace
}  // namespace boardcast
