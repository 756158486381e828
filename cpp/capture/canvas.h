#pragma once

#include <cstdint>
#include <string_view>

#include "media/video_frame.h"

namespace boardcast {

/// One colour as the picture stores it: BT.601, limited range.
struct Color {
  std::uint8_t y = 16;
  std::uint8_t u = 128;
  std::uint8_t v = 128;
};

/// `red`, `green` and `blue` from 0 to 1.
Color FromRgb(double red, double green, double blue);

/// Luma pixels.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// Size of a character cell of DrawText() at scale 1: 5 x 7 pixels and the space to the next one.
inline constexpr int kGlyphAdvance = 6;
inline constexpr int kGlyphHeight = 7;

/// Fills the part of `rect` that lies in the I420 `frame`.
void FillRect(VideoFrame& frame, Rect rect, Color color);

/// Writes upper-case letters, digits and ` .:-/` into the luma plane with the top left corner at x,
/// y. Other characters stay blank; what lies outside of the plane is left out.
void DrawText(const Plane& luma, int x, int y, int scale, std::string_view text,
              std::uint8_t value);

}  // namespace boardcast
