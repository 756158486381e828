#include "capture/test_card.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "capture/frame_barcode.h"

namespace boardcast {
namespace {

constexpr std::uint8_t kPanelLuma = 24;
constexpr std::uint8_t kTextLuma = 200;

std::uint8_t& Luma(VideoFrame& frame, int x, int y) {
  const Plane& plane = frame.planes[0];
  return plane.data[static_cast<std::ptrdiff_t>(y) * plane.stride + x];
}

int Even(double value) { return static_cast<int>(value) & ~1; }

void DrawBackdrop(VideoFrame& frame) {
  const int pitch = std::max(8, Even(frame.height / 12.0));
  for (int y = 0; y < frame.height; y += 2) {
    const double fade = static_cast<double>(y) / frame.height;
    FillRect(frame, {0, y, frame.width, 2},
             FromRgb(0.16 - 0.08 * fade, 0.22 - 0.10 * fade, 0.32 - 0.12 * fade));
  }
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      if (x % pitch == 0 || y % pitch == 0) Luma(frame, x, y) += 14;
    }
  }
}

void DrawRamp(VideoFrame& frame, const Rect& rect) {
  constexpr int kSteps = 16;
  for (int step = 0; step < kSteps; ++step) {
    const int left = rect.x + (rect.width * step / kSteps) / 2 * 2;
    const int right = rect.x + (rect.width * (step + 1) / kSteps) / 2 * 2;
    const auto level = static_cast<std::uint8_t>(16 + 219 * step / (kSteps - 1));
    FillRect(frame, {left, rect.y, right - left, rect.height}, {level, 128, 128});
  }
}

void DrawZonePlate(VideoFrame& frame, const Rect& rect) {
  FillRect(frame, rect, {kPanelLuma, 128, 128});
  const double radius = rect.width / 2.0;
  // The finest rings, at the edge, have a period of four pixels.
  const double bend = std::numbers::pi / (4 * radius);
  for (int y = 0; y < rect.height; ++y) {
    for (int x = 0; x < rect.width; ++x) {
      const double dx = x - radius + 0.5;
      const double dy = y - radius + 0.5;
      const double square = dx * dx + dy * dy;
      if (square > radius * radius) continue;
      Luma(frame, rect.x + x, rect.y + y) =
          static_cast<std::uint8_t>(126 + 90 * std::cos(bend * square));
    }
  }
}

void DrawGratings(VideoFrame& frame, const Rect& rect) {
  FillRect(frame, rect, {kPanelLuma, 128, 128});
  std::uint32_t state = 7;
  for (int y = 0; y < rect.height; ++y) {
    for (int x = 0; x < rect.width; ++x) {
      state = state * 1'664'525 + 1'013'904'223;
      const bool right = x >= rect.width / 2;
      const bool lower = y >= rect.height / 2;
      int level = 0;
      if (lower) {
        level =
            right ? 90 + static_cast<int>(state >> 24) / 4 : ((x / 4 + y / 4) % 2 == 0 ? 60 : 190);
      } else {
        level = (right ? y : x) / 2 % 2 == 0 ? 60 : 190;
      }
      Luma(frame, rect.x + x, rect.y + y) = static_cast<std::uint8_t>(level);
    }
  }
}

void DrawTitle(VideoFrame& frame, const TestCardLayout& layout, double frame_rate) {
  std::array<char, 32> size{};
  std::snprintf(size.data(), size.size(), "%dX%d %.4g/S", frame.width, frame.height, frame_rate);
  const int scale = layout.number_scale;
  const int left = layout.ramp.x + std::max(2, layout.clock_scale * 2);
  if (left + 14 * kGlyphAdvance * scale > layout.clock.x) return;  // No room beside the clock.
  const int middle = layout.clock.y + layout.clock.height / 2;
  DrawText(frame.planes[0], left, middle - (kGlyphHeight + 1) * scale, scale, "BOARDCAST",
           kTextLuma);
  DrawText(frame.planes[0], left, middle + 2 * scale, scale, size.data(), 140);
}

}  // namespace

TestCardLayout LayOutTestCard(int width, int height) {
  const int stage = height - BarcodeHeight(width, height);
  const auto row = [stage](double share) { return Even(stage * share); };
  TestCardLayout layout;
  layout.bars = {0, 0, width, row(0.22)};
  layout.ramp = {0, layout.bars.height, width, std::max(2, row(0.05))};
  const int side = std::min(Even(stage * 0.40), Even(width * 0.24));
  const int top = (row(0.50) - side / 2) & ~1;
  layout.zone_plate = {Even(width * 0.08), top, side, side};
  layout.gratings = {Even(width * 0.92) - side, top, side, side};

  const int panel = row(0.96) - row(0.76);
  layout.clock_scale =
      std::max(1, std::min(width * 2 / 5 / (9 * kGlyphAdvance), panel * 6 / 10 / kGlyphHeight));
  layout.number_scale = std::max(1, layout.clock_scale / 2);
  const int text = kGlyphAdvance * std::max(9 * layout.clock_scale, 12 * layout.number_scale);
  const int clock = std::min(width, text + 4 * layout.clock_scale) & ~1;
  layout.clock = {((width - clock) / 2) & ~1, row(0.76), clock, panel};
  const int flash = std::min(panel, std::max(0, width - layout.clock.x - clock - 4) & ~1);
  const int beside = layout.clock.x + clock;
  layout.flash = {beside + (width - beside - flash) / 4 * 2, row(0.76), flash, flash};
  layout.sweep = {0, row(0.98), width, std::max(2, stage - row(0.98))};

  layout.ball_radius = std::max(4, Even(std::min(stage * 0.19, width * 0.15)));
  const int ceiling = layout.ramp.y + layout.ramp.height + layout.ball_radius;
  const int floor = std::max(ceiling, layout.clock.y - layout.ball_radius);
  layout.ball_path = {layout.ball_radius, (ceiling + 1) & ~1, width - 2 * layout.ball_radius,
                      floor - ceiling};
  return layout;
}

void DrawTestCard(VideoFrame& frame, const TestCardLayout& layout, double frame_rate) {
  DrawBackdrop(frame);
  DrawRamp(frame, layout.ramp);
  DrawZonePlate(frame, layout.zone_plate);
  DrawGratings(frame, layout.gratings);
  FillRect(frame, layout.clock, {kPanelLuma, 128, 128});
  FillRect(frame, layout.sweep, {kPanelLuma, 128, 128});
  const Rect& flash = layout.flash;
  FillRect(frame, flash, {90, 128, 128});
  FillRect(frame, {flash.x + 2, flash.y + 2, flash.width - 4, flash.height - 4},
           {kPanelLuma, 128, 128});
  DrawTitle(frame, layout, frame_rate);
}

void DrawColorBars(VideoFrame& frame, int period) {
  constexpr std::array<std::array<double, 3>, 8> kBars = {{{0.92, 0.92, 0.92},
                                                           {0.90, 0.85, 0.12},
                                                           {0.10, 0.80, 0.85},
                                                           {0.15, 0.75, 0.22},
                                                           {0.85, 0.20, 0.78},
                                                           {0.86, 0.16, 0.14},
                                                           {0.16, 0.24, 0.85},
                                                           {0.20, 0.20, 0.22}}};
  constexpr int kCount = static_cast<int>(kBars.size());
  for (int x = 0; x < frame.width; x += 2) {
    const double place = static_cast<double>(x % period) * kCount / period;
    const auto& [red, green, blue] = kBars[static_cast<int>(place)];
    const double light =
        0.55 + 0.45 * (place - std::floor(place));  // Each bar brightens to its right.
    FillRect(frame, {x, 0, 2, frame.height}, FromRgb(red * light, green * light, blue * light));
  }
}

}  // namespace boardcast
