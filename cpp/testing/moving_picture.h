#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "media/video_frame.h"

namespace boardcast {

/// Noise of -4 to 3 that is the same in every run, different for each picture.
inline int PictureNoise(int x, int y, int index) {
  std::uint32_t hash = x * 0x9e37'79b1u + y * 0x85eb'ca77u + index * 0xc2b2'ae3du;
  hash = (hash ^ hash >> 15) * 0x2c1b'3c6du;
  return static_cast<int>(hash >> 29) - 4;
}

/// Draws picture number `index` of a synthetic clip into `frame` (I420): a texture that pans, a
/// bright disc that circles over it, and noise, so that a codec never runs out of work.
inline void DrawMovingPicture(VideoFrame& frame, int width, int height, int index) {
  ShapeFrame(frame, PixelFormat::kI420, width, height);
  const double centre_x = width * (0.5 + 0.3 * std::cos(index * 0.1));
  const double centre_y = height * (0.5 + 0.3 * std::sin(index * 0.1));
  const double radius = height * 0.15;
  for (int y = 0; y < height; ++y) {
    std::uint8_t* row =
        frame.planes[0].data + static_cast<std::ptrdiff_t>(y) * frame.planes[0].stride;
    const double wave_y = 30 * std::sin(y * 0.11);
    for (int x = 0; x < width; ++x) {
      const double distance = std::hypot(x - centre_x, y - centre_y);
      const double texture = 110 + 30 * std::sin((x + 2 * index) * 0.07) + wave_y +
                             ((((x + 2 * index) >> 3) ^ (y >> 3)) & 1 ? 12 : 0);
      row[x] = static_cast<std::uint8_t>((distance < radius ? 220 : texture) +
                                         PictureNoise(x, y, index));
    }
  }
  for (int p = 1; p < 3; ++p) {
    const Plane& plane = frame.planes[p];
    for (int y = 0; y < plane.height; ++y) {
      std::uint8_t* row = plane.data + static_cast<std::ptrdiff_t>(y) * plane.stride;
      for (int x = 0; x < plane.width; ++x) {
        row[x] = static_cast<std::uint8_t>(128 + 40 * std::sin((x * p + y + index) * 0.02));
      }
    }
  }
}

/// Peak signal-to-noise ratio of the luma of two pictures of one size, in dB; 99 when equal.
inline double LumaPsnr(const VideoFrame& a, const VideoFrame& b) {
  double sum = 0;
  for (std::ptrdiff_t y = 0; y < a.height; ++y) {
    const std::uint8_t* row_a = a.planes[0].data + y * a.planes[0].stride;
    const std::uint8_t* row_b = b.planes[0].data + y * b.planes[0].stride;
    for (int x = 0; x < a.width; ++x) {
      const double difference = static_cast<double>(row_a[x]) - row_b[x];
      sum += difference * difference;
    }
  }
  return sum == 0 ? 99 : 10 * std::log10(255.0 * 255.0 * a.width * a.height / sum);
}

}  // namespace boardcast
