#include "kernels/gf256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "testing/random.h"

namespace boardcast {
namespace {

/// The definition: shift and add, reduced by the polynomial.
std::uint8_t SlowMultiply(unsigned a, unsigned b) {
  unsigned product = 0;
  for (; b; b >>= 1) {
    if (b & 1) product ^= a;
    a = a << 1 ^ (a & 0x80 ? 0x11d : 0);
  }
  return static_cast<std::uint8_t>(product);
}

std::vector<std::uint8_t> RandomBytes(Random& random, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.Next());
  return bytes;
}

TEST(Gf256, ProductsAndQuotientsFollowTheDefinition) {
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      const auto x = static_cast<std::uint8_t>(a);
      const auto y = static_cast<std::uint8_t>(b);
      const std::uint8_t product = gf256::Multiply(x, y);
      ASSERT_EQ(product, SlowMultiply(a, b));
      if (b == 0) continue;
      ASSERT_EQ(gf256::Divide(product, y), x);
    }
  }
}

TEST(Gf256, ScalarComesFirstAndTheBestIsTheLast) {
  const auto kernels = AvailableGf256Kernels();
  ASSERT_FALSE(kernels.empty());
  EXPECT_STREQ(kernels.front()->name, "scalar");
  EXPECT_EQ(kernels.back(), &Gf256());
}

class Gf256KernelsTest : public testing::TestWithParam<const Gf256Kernels*> {};

TEST_P(Gf256KernelsTest, EveryProductOfTwoBytesIsRight) {
  std::vector<std::uint8_t> source(256), output(256);
  for (unsigned i = 0; i < 256; ++i) source[i] = static_cast<std::uint8_t>(i);
  const std::array<const std::uint8_t*, 1> sources{source.data()};
  const std::array<std::uint8_t*, 1> outputs{output.data()};
  for (unsigned c = 0; c < 256; ++c) {
    const auto coefficient = static_cast<std::uint8_t>(c);
    GetParam()->multiply_many(&coefficient, sources, outputs, 256);
    for (unsigned i = 0; i < 256; ++i) ASSERT_EQ(output[i], SlowMultiply(c, i)) << c << " * " << i;
  }
}

// Every count of outputs and sources, buffers at odd addresses, and not a byte beyond them touched.
TEST_P(Gf256KernelsTest, EqualsTheScalarTwin) {
  constexpr std::size_t kGuard = 67;
  constexpr std::uint8_t kGuardByte = 0xa5;
  Random random(7);
  for (std::size_t outputs = 1; outputs <= 9; ++outputs) {
    for (const std::size_t sources : {0, 1, 2, 3, 5, 10, 24, 48}) {
      const std::size_t size = kGf256Granularity * random.Below(21);
      const auto coefficients = RandomBytes(random, outputs * sources);
      std::vector<std::vector<std::uint8_t>> source, expected, actual;
      std::vector<const std::uint8_t*> source_data;
      std::vector<std::uint8_t*> expected_data, actual_data;
      source.reserve(sources);
      for (std::size_t j = 0; j < sources; ++j) {
        const std::size_t shift = random.Below(64);
        source.push_back(RandomBytes(random, shift + size));
        source_data.push_back(source.back().data() + shift);
      }
      for (std::size_t r = 0; r < outputs; ++r) {
        expected.emplace_back(size + 2 * kGuard, kGuardByte);
        actual.emplace_back(size + 2 * kGuard, kGuardByte);
      }
      for (auto& bytes : expected) expected_data.push_back(bytes.data() + kGuard);
      for (auto& bytes : actual) actual_data.push_back(bytes.data() + kGuard);

      AvailableGf256Kernels().front()->multiply_many(coefficients.data(), source_data,
                                                     expected_data, size);
      GetParam()->multiply_many(coefficients.data(), source_data, actual_data, size);
      ASSERT_EQ(actual, expected) << outputs << " outputs of " << sources << " sources, " << size;
      for (const auto& bytes : actual) {
        ASSERT_TRUE(std::all_of(bytes.begin(), bytes.begin() + kGuard,
                                [](std::uint8_t byte) { return byte == kGuardByte; }));
        ASSERT_TRUE(std::all_of(bytes.end() - kGuard, bytes.end(),
                                [](std::uint8_t byte) { return byte == kGuardByte; }));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Gf256KernelsTest,
                         testing::ValuesIn(AvailableGf256Kernels().begin(),
                                           AvailableGf256Kernels().end()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace boardcast
