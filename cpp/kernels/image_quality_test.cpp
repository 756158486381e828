#include "kernels/image_quality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "testing/random.h"

namespace boardcast {
namespace {

/// A plane with memory of its own and rows that are not packed.
struct Picture {
  Picture(int width, int height) : memory(static_cast<std::size_t>((width + 13) * height)) {
    plane = {memory.data(), width + 13, width, height};
  }
  std::uint8_t& At(int x, int y) { return plane.data[y * plane.stride + x]; }

  std::vector<std::uint8_t> memory;
  Plane plane;
};

Picture Noise(int width, int height, std::uint64_t seed) {
  Picture picture(width, height);
  Random random(seed);
  for (std::uint8_t& byte : picture.memory) byte = static_cast<std::uint8_t>(random.Next());
  return picture;
}

/// The definition, window by window, with means first and deviations from them after.
double SlowSsim(Picture& a, Picture& b) {
  double total = 0;
  int windows = 0;
  for (int top = 0; top + 8 <= a.plane.height; top += 4) {
    for (int left = 0; left + 8 <= a.plane.width; left += 4, ++windows) {
      double mean_a = 0, mean_b = 0, variance_a = 0, variance_b = 0, covariance = 0;
      for (int i = 0; i < 64; ++i) {
        mean_a += a.At(left + i % 8, top + i / 8) / 64.0;
        mean_b += b.At(left + i % 8, top + i / 8) / 64.0;
      }
      for (int i = 0; i < 64; ++i) {
        const double from_a = a.At(left + i % 8, top + i / 8) - mean_a;
        const double from_b = b.At(left + i % 8, top + i / 8) - mean_b;
        variance_a += from_a * from_a / 63;
        variance_b += from_b * from_b / 63;
        covariance += from_a * from_b / 63;
      }
      total += (2 * mean_a * mean_b + 6.5025) * (2 * covariance + 58.5225) /
               ((mean_a * mean_a + mean_b * mean_b + 6.5025) * (variance_a + variance_b + 58.5225));
    }
  }
  return total / windows;
}

TEST(ImageQuality, EqualPicturesArePerfect) {
  const Picture picture = Noise(32, 16, 1);
  EXPECT_EQ(SumSquaredError(picture.plane, picture.plane), 0u);
  EXPECT_TRUE(std::isinf(Psnr(picture.plane, picture.plane)));
  EXPECT_NEAR(Ssim(picture.plane, picture.plane), 1, 1e-12);
}

TEST(ImageQuality, FlatPicturesOfTwoGreysHaveTheKnownValues) {
  Picture a(16, 16), b(16, 16);
  std::ranges::fill(a.memory, std::uint8_t{100});
  std::ranges::fill(b.memory, std::uint8_t{110});
  EXPECT_EQ(SumSquaredError(a.plane, b.plane), 16u * 16 * 100);
  EXPECT_NEAR(Psnr(a.plane, b.plane), 10 * std::log10(255 * 255 / 100.0), 1e-9);
  EXPECT_NEAR(Ssim(a.plane, b.plane), (2 * 100 * 110 + 6.5025) / (100 * 100 + 110 * 110 + 6.5025),
              1e-12);
}

TEST(ImageQuality, LargestErrorDoesNotOverflow) {
  Picture a(8192, 9), b(8192, 9);
  std::ranges::fill(b.memory, std::uint8_t{255});
  EXPECT_EQ(SumSquaredError(a.plane, b.plane), 8192ull * 9 * 255 * 255);
  EXPECT_DOUBLE_EQ(Psnr(a.plane, b.plane), 0);
}

TEST(ImageQuality, SsimFollowsTheDefinitionAtAllSizes) {
  for (int width = 8; width <= 21; ++width) {
    for (int height = 8; height <= 21; ++height) {
      Picture a = Noise(width, height, 2);
      Picture b = a;
      b.plane.data = b.memory.data();
      Random random(3);
      for (std::uint8_t& byte : b.memory) byte ^= static_cast<std::uint8_t>(random.Below(64));
      ASSERT_NEAR(Ssim(a.plane, b.plane), SlowSsim(a, b), 1e-9) << width << "x" << height;
    }
  }
}

}  // namespace
}  // namespace boardcast
