#include "capture/pattern_source.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <numbers>
#include <string>

#include "capture/frame_barcode.h"
#include "capture/frame_pool.h"
#include "capture/tone_source.h"

namespace boardcast {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr double kBallCycleSeconds = 8;  // From left to right and back.
constexpr double kBallBounceSeconds = 1.6;

double Seconds(std::int64_t micros) { return static_cast<double>(micros) * 1e-6; }

}  // namespace

Result<std::unique_ptr<PatternSource>> PatternSource::Open(const Options& options) {
  const auto fits = [](int value, int most) {
    return value >= kMinSide && value <= most && value % 2 == 0;
  };
  if (!fits(options.width, kMaxWidth) || !fits(options.height, kMaxHeight)) {
    return Error{ErrorCode::kInvalidArgument,
                 "pattern: of " + std::to_string(options.width) + "x" +
                     std::to_string(options.height) +
                     " is not possible: both sides must be even, from 64x64 to 4096x2160"};
  }
  if (!(options.frame_rate >= 1 && options.frame_rate <= 240)) {
    return Error{ErrorCode::kInvalidArgument,
                 "pattern: at " + std::to_string(options.frame_rate) +
                     " frames/s is not possible: 1 to 240 frames/s are"};
  }
  return std::unique_ptr<PatternSource>(new PatternSource(options));
}

PatternSource::PatternSource(const Options& options)
    : format_{PixelFormat::kI420, options.width, options.height, options.frame_rate},
      layout_(LayOutTestCard(options.width, options.height)),
      ball_(layout_.ball_radius),
      pacer_({.rate = options.frame_rate, .paced = options.paced}),
      pool_(MakeFramePool(format_, options.buffers)) {
  ShapeFrame(card_, PixelFormat::kI420, options.width, options.height);
  DrawTestCard(card_, layout_, options.frame_rate);
  ShapeFrame(bars_, PixelFormat::kI420, 2 * options.width, layout_.bars.height);
  DrawColorBars(bars_, options.width);
}

Result<VideoFrameLease> PatternSource::Read(Timestamp now) {
  if (pacer_.NextDue(now) > now) return VideoFrameLease{};
  VideoFrameLease frame = pool_.Acquire();
  if (!frame) {
    pacer_.Defer(now);
    return VideoFrameLease{};
  }
  const std::int64_t index = pacer_.Take(now);
  const std::int64_t media_time_us = pacer_.MediaTime(index).count();
  CopyFrame(card_, *frame);
  Draw(*frame, index, media_time_us);
  frame->capture_time = now;
  frame->media_time_us = media_time_us;
  return frame;
}

void PatternSource::Draw(VideoFrame& frame, std::int64_t index, std::int64_t media_time_us) const {
  DrawBars(frame, index);

  const double seconds = Seconds(media_time_us % (600 * kSecond));
  const double swing = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * seconds / kBallCycleSeconds);
  const double height = std::abs(std::sin(std::numbers::pi * seconds / kBallBounceSeconds));
  const Rect& path = layout_.ball_path;
  const int x = path.x + static_cast<int>(swing * path.width);
  const int y = path.y + static_cast<int>((1 - height) * path.height);
  ball_.Draw(frame, x & ~1, y & ~1, static_cast<int>(seconds * 96));

  DrawClock(frame, index, media_time_us);
  const std::int64_t in_second = media_time_us % kSecond;
  if (in_second < ToneSource::kBeepLength.count()) FillRect(frame, layout_.flash, {235, 128, 128});
  Rect sweep = layout_.sweep;
  sweep.width = static_cast<int>(sweep.width * in_second / kSecond) & ~1;
  FillRect(frame, sweep, {180, 128, 128});
  DrawBarcode(frame, static_cast<std::uint32_t>(index));
}

void PatternSource::DrawBars(VideoFrame& frame, std::int64_t index) const {
  const int step = std::max(2, (format_.width / 320) & ~1);
  const int offset = static_cast<int>(index * step % format_.width);
  for (int p = 0; p < 3; ++p) {
    const Plane& from = bars_.planes[p];
    const Plane& to = frame.planes[p];
    for (int row = 0; row < from.height; ++row) {
      std::memcpy(
          to.data + static_cast<std::ptrdiff_t>(row) * to.stride,
          from.data + static_cast<std::ptrdiff_t>(row) * from.stride + offset / (p == 0 ? 1 : 2),
          to.width);
    }
  }
}

void PatternSource::DrawClock(VideoFrame& frame, std::int64_t index,
                              std::int64_t media_time_us) const {
  std::array<char, 32> text{};
  const auto millis = static_cast<int>(media_time_us / 1000 % (100 * 60 * 1000));
  std::snprintf(text.data(), text.size(), "%02d:%02d.%03d", millis / 60'000, millis / 1000 % 60,
                millis % 1000);
  const Plane& luma = frame.planes[0];
  const int scale = layout_.clock_scale;
  const int left = layout_.clock.x + 2 * scale;
  const int top = layout_.clock.y + layout_.clock.height / 12;
  DrawText(luma, left, top, scale, text.data(), 235);

  const int small = layout_.number_scale;
  const int below = top + (kGlyphHeight + 2) * scale;
  const bool fits =
      below + kGlyphHeight * small <= layout_.clock.y + layout_.clock.height &&
      left + 12 * kGlyphAdvance * small <= layout_.clock.x + layout_.clock.width + small;
  if (!fits) return;
  std::snprintf(text.data(), text.size(), "FRAME %06lld",
                static_cast<long long>(index % 1'000'000));
  DrawText(luma, left, below, small, text.data(), 180);
}

}  // namespace boardcast
