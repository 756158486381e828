#include "kernels/image_quality.h"

#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace boardcast {
namespace {

/// Sums over a block of 4x4, of which four make a window.
struct BlockSums {
  int a = 0, b = 0, squares = 0, products = 0;

  BlockSums& operator+=(const BlockSums& other) {
    a += other.a;
    b += other.b;
    squares += other.squares;
    products += other.products;
    return *this;
  }
};

const std::uint8_t* Row(const Plane& plane, int y) {
  return plane.data + static_cast<std::ptrdiff_t>(y) * plane.stride;
}

void SumBlocks(const Plane& a, const Plane& b, int y, std::vector<BlockSums>& row) {
  for (std::size_t block = 0; block < row.size(); ++block) {
    BlockSums sums;
    for (int i = 0; i < 4; ++i) {
      const std::uint8_t* from_a = Row(a, y + i) + 4 * block;
      const std::uint8_t* from_b = Row(b, y + i) + 4 * block;
      for (int j = 0; j < 4; ++j) {
        const int p = from_a[j], q = from_b[j];
        sums += {p, q, p * p + q * q, p * q};
      }
    }
    row[block] = sums;
  }
}

double WindowSsim(const BlockSums& sums) {
  constexpr double kC1 = (0.01 * 255) * (0.01 * 255);
  constexpr double kC2 = (0.03 * 255) * (0.03 * 255);
  constexpr double kPixels = 64;
  const double mean_a = sums.a / kPixels;
  const double mean_b = sums.b / kPixels;
  const double square_means = mean_a * mean_a + mean_b * mean_b;
  // Unbiased estimates, as in the paper.
  const double variances = (sums.squares - kPixels * square_means) / (kPixels - 1);
  const double covariance = (sums.products - kPixels * mean_a * mean_b) / (kPixels - 1);
  return (2 * mean_a * mean_b + kC1) * (2 * covariance + kC2) /
         ((square_means + kC1) * (variances + kC2));
}

}  // namespace

std::uint64_t SumSquaredError(const Plane& a, const Plane& b) {
  assert(a.width == b.width && a.height == b.height);
  std::uint64_t total = 0;
  for (int y = 0; y < a.height; ++y) {
    const std::uint8_t* row_a = Row(a, y);
    const std::uint8_t* row_b = Row(b, y);
    std::uint32_t sum = 0;  // Narrow, for vectors; holds rows of up to 66,000 bytes.
    for (int x = 0; x < a.width; ++x) {
      const int difference = row_a[x] - row_b[x];
      sum += static_cast<std::uint32_t>(difference * difference);
    }
    total += sum;
  }
  return total;
}

double Psnr(const Plane& a, const Plane& b) {
  const std::uint64_t error = SumSquaredError(a, b);
  if (error == 0) return std::numeric_limits<double>::infinity();
  const double samples = static_cast<double>(a.width) * a.height;
  return 10 * std::log10(255.0 * 255.0 * samples / static_cast<double>(error));
}

double Ssim(const Plane& a, const Plane& b) {
  assert(a.width == b.width && a.height == b.height && a.width >= 8 && a.height >= 8);
  std::vector<BlockSums> above(static_cast<std::size_t>(a.width) / 4), row(above.size());
  SumBlocks(a, b, 0, above);
  double total = 0;
  std::int64_t windows = 0;
  for (int y = 4; y + 4 <= a.height; y += 4) {
    SumBlocks(a, b, y, row);
    for (std::size_t block = 0; block + 1 < row.size(); ++block) {
      BlockSums window = above[block];
      window += above[block + 1];
      window += row[block];
      window += row[block + 1];
      total += WindowSsim(window);
      ++windows;
    }
    std::swap(above, row);
  }
  return total / static_cast<double>(windows);
}

}  // namespace boardcast
