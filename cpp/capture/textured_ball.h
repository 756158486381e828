#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "media/video_frame.h"

namespace boardcast {

/// A shaded ball with a rolling texture: motion, occlusion and fine detail for the test picture.
/// The projection is worked out once; drawing is two table look-ups a pixel.
class TexturedBall {
 public:
  /// `radius` in luma pixels, at least 2.
  explicit TexturedBall(int radius);

  /// Draws it into the I420 `frame` around x, y (both even), turned by `turn` 256ths of a
  /// revolution. It must lie inside.
  void Draw(VideoFrame& frame, int x, int y, int turn) const;

 private:
  static constexpr int kAround = 256;  ///< Texture columns: a revolution.
  static constexpr int kAcross = 64;   ///< Texture rows, from pole to pole.

  struct Texel {
    std::uint8_t cover = 0;  ///< 0: outside, 255: inside, between: the edge.
    std::uint8_t shade = 0;  ///< Light that falls on it.
    std::uint8_t column = 0;
    std::uint8_t row = 0;
  };

  static Texel Project(double x, double y, int radius);
  void PaintTexture();

  const int radius_;
  const int side_;
  std::vector<Texel> texels_;
  std::array<std::uint8_t, kAround * kAcross> luma_{};
  std::array<bool, kAround * kAcross> red_{};
};

}  // namespace boardcast
