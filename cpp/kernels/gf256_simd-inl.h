#pragma once

// The Highway kernel, compiled once for each target: gf256_<target>.cpp sets HWY_BASELINE_TARGETS
// to the one that it is for and includes this. Only what stands between HWY_BEFORE_NAMESPACE and
// HWY_AFTER_NAMESPACE may use that target's instructions; with compiler flags for the whole file,
// inline functions of shared headers could end up with instructions that the CPU lacks.
#include "hwy/highway.h"
#include "kernels/gf256_targets.h"

namespace boardcast {

/// The products of a coefficient with all low and all high halves of a byte, for byte shuffles.
struct alignas(32) HalfByteProducts {
  std::array<std::uint8_t, 16> low{};
  std::array<std::uint8_t, 16> high{};
};

constexpr std::array<HalfByteProducts, 256> MakeHalfByteProducts() {
  std::array<HalfByteProducts, 256> products{};
  for (unsigned c = 0; c < 256; ++c) {
    for (unsigned half = 0; half < 16; ++half) {
      const auto coefficient = static_cast<std::uint8_t>(c);
      products[c].low[half] = gf256::Multiply(coefficient, static_cast<std::uint8_t>(half));
      products[c].high[half] = gf256::Multiply(coefficient, static_cast<std::uint8_t>(half << 4));
    }
  }
  return products;
}

inline constexpr std::array<HalfByteProducts, 256> kHalfByteProducts = MakeHalfByteProducts();

}  // namespace boardcast

HWY_BEFORE_NAMESPACE();
namespace boardcast {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<std::uint8_t>;
using Vector = hn::Vec<Tag>;

// Vectors of each output in flight. Four outputs times four vectors fill the 32 registers of
// arm64 and keep an in-order core busy; x86 and armv7 have 16.
#if HWY_ARCH_ARM_A64
constexpr std::size_t kUnroll = 4;
#else
constexpr std::size_t kUnroll = 2;
#endif
constexpr std::size_t kStep = kUnroll * HWY_LANES(std::uint8_t);
static_assert(kGf256Granularity % kStep == 0);

template <std::size_t kOutputs>
HWY_INLINE void MultiplyStep(const std::uint8_t* coefficients,
                             std::span<const std::uint8_t* const> sources,
                             std::uint8_t* const* outputs, std::size_t offset) {
  const Tag d;
  const std::size_t lanes = HWY_LANES(std::uint8_t);
  const std::size_t source_count = sources.size();
  Vector sums[kOutputs][kUnroll];
  for (auto& row : sums) {
    for (Vector& sum : row) sum = hn::Zero(d);
  }
  for (std::size_t j = 0; j < source_count; ++j) {
    Vector low[kUnroll], high[kUnroll];
    for (std::size_t u = 0; u < kUnroll; ++u) {
      const Vector bytes = hn::LoadU(d, sources[j] + offset + u * lanes);
      low[u] = hn::And(bytes, hn::Set(d, 0x0f));
      const hn::Repartition<std::uint16_t, Tag> d16;
      high[u] =
          hn::And(hn::BitCast(d, hn::ShiftRight<4>(hn::BitCast(d16, bytes))), hn::Set(d, 0x0f));
    }
    for (std::size_t r = 0; r < kOutputs; ++r) {
      const HalfByteProducts& products = kHalfByteProducts[coefficients[r * source_count + j]];
      const Vector of_low = hn::LoadDup128(d, products.low.data());
      const Vector of_high = hn::LoadDup128(d, products.high.data());
      for (std::size_t u = 0; u < kUnroll; ++u) {
        const Vector product =
            hn::Xor(hn::TableLookupBytes(of_low, low[u]), hn::TableLookupBytes(of_high, high[u]));
        sums[r][u] = hn::Xor(sums[r][u], product);
      }
    }
  }
  for (std::size_t r = 0; r < kOutputs; ++r) {
    for (std::size_t u = 0; u < kUnroll; ++u) {
      hn::StoreU(sums[r][u], d, outputs[r] + offset + u * lanes);
    }
  }
}

template <std::size_t kOutputs>
HWY_INLINE void MultiplyPass(const std::uint8_t* coefficients,
                             std::span<const std::uint8_t* const> sources,
                             std::uint8_t* const* outputs, std::size_t size) {
  for (std::size_t offset = 0; offset < size; offset += kStep) {
    MultiplyStep<kOutputs>(coefficients, sources, outputs, offset);
  }
}

HWY_NOINLINE void MultiplyMany(const std::uint8_t* coefficients,
                               std::span<const std::uint8_t* const> sources,
                               std::span<std::uint8_t* const> outputs, std::size_t size) {
  std::uint8_t* const* output = outputs.data();
  std::size_t left = outputs.size();
  for (; left >= 4; left -= 4) {
    MultiplyPass<4>(coefficients, sources, output, size);
    coefficients += 4 * sources.size();
    output += 4;
  }
  if (left == 3) MultiplyPass<3>(coefficients, sources, output, size);
  if (left == 2) MultiplyPass<2>(coefficients, sources, output, size);
  if (left == 1) MultiplyPass<1>(coefficients, sources, output, size);
}

}  // namespace HWY_NAMESPACE
}  // namespace boardcast
HWY_AFTER_NAMESPACE();
