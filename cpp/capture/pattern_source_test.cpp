#include "capture/pattern_source.h"

#include <gtest/gtest.h>

#include <cstring>

#include "capture/frame_barcode.h"
#include "testing/random.h"

namespace boardcast {
namespace {

const Timestamp t0 = FromMicros(5'000'000);

std::unique_ptr<PatternSource> OpenPattern(const PatternSource::Options& options) {
  auto source = PatternSource::Open(options);
  EXPECT_TRUE(source) << source.error().message;
  return std::move(*source);
}

VideoFrameLease NextFrame(PatternSource& source) {
  const SourceWait wait = source.Wait(t0);
  auto frame = source.Read(*wait.due);
  EXPECT_TRUE(frame && *frame);
  return std::move(*frame);
}

TEST(PatternSource, EverySizeShowsItsFrameNumberAndStaysWithinTheFrame) {
  const std::pair<int, int> sizes[] = {{64, 64},   {66, 130},  {128, 96},   {176, 144}, {320, 192},
                                       {640, 360}, {360, 640}, {1280, 720}, {2048, 64}, {64, 2160},
                                       {256, 64},  {64, 256},  {4096, 2160}};
  for (const auto& [width, height] : sizes) {
    SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height));
    auto source = OpenPattern({.width = width, .height = height, .paced = false, .buffers = 1});
    for (std::uint32_t n = 0; n < 40; ++n) {
      VideoFrameLease frame = NextFrame(*source);
      EXPECT_EQ(frame->width, width);
      EXPECT_EQ(frame->height, height);
      EXPECT_EQ(ReadBarcode(*frame), n);
    }
  }
}

TEST(PatternSource, PacesItselfAndStampsFrames) {
  auto source = OpenPattern({});
  EXPECT_EQ(source->Wait(t0).due, t0);
  for (int n = 0; n < 4; ++n) {
    const Timestamp due = *source->Wait(t0).due;
    EXPECT_EQ(due, t0 + Duration((n * 100'000 + 1) / 3));
    auto early = source->Read(due - 1us);
    ASSERT_TRUE(early);
    EXPECT_FALSE(*early);
    auto frame = source->Read(due + 3ms);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->capture_time, due + 3ms);
    EXPECT_EQ((*frame)->media_time_us, (n * 100'000 + 1) / 3);
  }
}

TEST(PatternSource, FlashesForTheFirst100MsOfEachSecond) {
  auto source = OpenPattern({.paced = false});
  const Rect flash = LayOutTestCard(640, 360).flash;
  for (int n = 0; n < 90; ++n) {
    const VideoFrameLease frame = NextFrame(*source);
    const Plane& luma = frame->planes[0];
    const int level =
        luma.data[(flash.y + flash.height / 2) * luma.stride + flash.x + flash.width / 2];
    EXPECT_EQ(level > 200, n % 30 < 3) << "frame " << n;
  }
}

TEST(PatternSource, EveryFrameDiffersWellBeyondTheBarcode) {
  auto source = OpenPattern({.paced = false});
  VideoFrame before;
  CopyFrame(*NextFrame(*source), before);
  const int rows = 360 - BarcodeHeight(640, 360);
  for (int n = 1; n < 60; ++n) {
    const VideoFrameLease frame = NextFrame(*source);
    int changed = 0;
    for (int y = 0; y < rows; ++y) {
      const Plane& plane = frame->planes[0];
      for (int x = 0; x < 640; ++x) {
        changed += plane.data[y * plane.stride + x] != before.planes[0].data[y * plane.stride + x];
      }
    }
    EXPECT_GT(changed, 640 * rows / 20) << "frame " << n;
    CopyFrame(*frame, before);
  }
}

TEST(PatternSource, WaitsWhileAllBuffersAreOut) {
  auto source = OpenPattern({.paced = false, .buffers = 1});
  VideoFrameLease held = NextFrame(*source);
  auto none = source->Read(t0);
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  EXPECT_EQ(source->Wait(t0).due, t0 + 2ms);
  held.Reset();
  auto frame = source->Read(t0 + 2ms);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ(ReadBarcode(**frame), 1u);
}

TEST(PatternSource, RefusesWhatItCannotDraw) {
  const PatternSource::Options bad[] = {
      {.width = 62},       {.height = 62},       {.width = 641},
      {.height = 361},     {.width = 4098},      {.height = 2162},
      {.frame_rate = 0.5}, {.frame_rate = 1000}, {.frame_rate = 0.0 / 0.0}};
  for (const PatternSource::Options& options : bad) {
    auto source = PatternSource::Open(options);
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(FrameBarcode, SurvivesNoiseAndBlur) {
  Random random(7);
  VideoFrame frame;
  ShapeFrame(frame, PixelFormat::kI420, 320, 192);
  for (int trial = 0; trial < 200; ++trial) {
    const auto number = static_cast<std::uint32_t>(random.Next()) & 0xff'ffff;
    DrawBarcode(frame, number);
    const Plane& luma = frame.planes[0];
    for (int y = 192 - BarcodeHeight(320, 192); y < 192; ++y) {
      std::uint8_t* row = luma.data + y * luma.stride;
      for (int x = 1; x < 319; ++x) {
        const int noise = static_cast<int>(random.Next() % 61) - 30;
        row[x] = static_cast<std::uint8_t>(std::clamp((row[x] + row[x + 1]) / 2 + noise, 0, 255));
      }
    }
    EXPECT_EQ(ReadBarcode(frame), number);
  }
}

TEST(FrameBarcode, PlainAndRandomPicturesHaveNone) {
  VideoFrame frame;
  ShapeFrame(frame, PixelFormat::kI420, 640, 360);
  for (const int level : {0, 16, 100, 125, 235, 255}) {
    std::memset(frame.planes[0].data, level,
                static_cast<std::size_t>(frame.planes[0].stride) * 360);
    EXPECT_EQ(ReadBarcode(frame), std::nullopt) << level;
  }
  VideoFrame tiny;
  ShapeFrame(tiny, PixelFormat::kI420, 16, 16);
  EXPECT_EQ(ReadBarcode(tiny), std::nullopt);
}

TEST(FrameBarcode, ADamagedCellIsNoticed) {
  VideoFrame frame;
  ShapeFrame(frame, PixelFormat::kI420, 640, 360);
  for (int cell = 0; cell < 32; ++cell) {
    DrawBarcode(frame, 0x123456);
    const Plane& luma = frame.planes[0];
    for (int y = 360 - BarcodeHeight(640, 360); y < 360; ++y) {
      std::uint8_t* row = luma.data + y * luma.stride + cell * 20;
      for (int x = 0; x < 20; ++x) row[x] = static_cast<std::uint8_t>(255 - row[x]);
    }
    EXPECT_EQ(ReadBarcode(frame), std::nullopt) << cell;
  }
}

}  // namespace
}  // namespace boardcast
