#include "capture/textured_ball.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "capture/canvas.h"

namespace boardcast {
namespace {

constexpr int kSectors = 8;

void Blend(std::uint8_t& pixel, int value, int cover) {
  pixel = static_cast<std::uint8_t>(pixel + (value - pixel) * cover / 255);
}

}  // namespace

TexturedBall::TexturedBall(int radius)
    : radius_((radius + 1) & ~1), side_(2 * radius_), texels_(side_ * side_) {
  for (int y = 0; y < side_; ++y) {
    for (int x = 0; x < side_; ++x) {
      texels_[y * side_ + x] = Project(x - radius_ + 0.5, y - radius_ + 0.5, radius_);
    }
  }
  PaintTexture();
}

TexturedBall::Texel TexturedBall::Project(double x, double y, int radius) {
  const double distance = std::hypot(x, y);
  const double cover = std::clamp(radius - distance, 0.0, 1.0);
  if (cover == 0) return {};
  const double px = x / radius;
  const double py = std::clamp(y / radius, -1.0, 1.0);
  const double pz = std::sqrt(std::max(0.0, 1 - px * px - py * py));
  const double around = std::atan2(px, pz) / (2 * std::numbers::pi) + 0.5;
  const double across = std::asin(py) / std::numbers::pi + 0.5;
  const double light = std::max(0.0, -0.45 * px - 0.55 * py + 0.70 * pz);
  return {
      .cover = static_cast<std::uint8_t>(std::lround(255 * cover)),
      .shade = static_cast<std::uint8_t>(std::lround(80 + 175 * std::min(light, 1.0))),
      .column = static_cast<std::uint8_t>(static_cast<int>(around * kAround) % kAround),
      .row = static_cast<std::uint8_t>(std::min(static_cast<int>(across * kAcross), kAcross - 1))};
}

void TexturedBall::PaintTexture() {
  std::uint32_t state = 1;  // A small generator: the same grain everywhere and every time.
  for (int row = 0; row < kAcross; ++row) {
    for (int column = 0; column < kAround; ++column) {
      state = state * 1'664'525 + 1'013'904'223;
      const int grain = static_cast<int>(state >> 24) / 12;
      const bool red = column * kSectors / kAround % 2 == 0;
      const bool equator = row >= kAcross / 2 - 2 && row < kAcross / 2 + 2;
      const int base = equator ? 60 : red ? 120 : 205;
      luma_[row * kAround + column] = static_cast<std::uint8_t>(base + grain);
      red_[row * kAround + column] = red && !equator;
    }
  }
}

void TexturedBall::Draw(VideoFrame& frame, int x, int y, int turn) const {
  assert(x >= radius_ && y >= radius_ && x + radius_ <= frame.width && y + radius_ <= frame.height);
  const Color red = FromRgb(0.85, 0.16, 0.12);
  const int left = (x - radius_) & ~1;
  const int top = (y - radius_) & ~1;
  for (int row = 0; row < side_; ++row) {
    const auto line = [&](int plane, int at) {
      const Plane& target = frame.planes[plane];
      return target.data + static_cast<std::ptrdiff_t>(at) * target.stride;
    };
    std::uint8_t* luma = line(0, top + row) + left;
    std::uint8_t* u = line(1, (top + row) / 2) + left / 2;
    std::uint8_t* v = line(2, (top + row) / 2) + left / 2;
    for (int column = 0; column < side_; ++column) {
      const Texel& texel = texels_[row * side_ + column];
      if (texel.cover == 0) continue;
      const int place = texel.row * kAround + ((texel.column + turn) & (kAround - 1));
      Blend(luma[column], 16 + (luma_[place] - 16) * texel.shade / 255, texel.cover);
      if (((row | column) & 1) != 0) continue;
      Blend(u[column / 2], red_[place] ? red.u : 122, texel.cover);
      Blend(v[column / 2], red_[place] ? red.v : 134, texel.cover);
    }
  }
}

}  // namespace boardcast
