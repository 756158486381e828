#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/gf256_targets.h"

// GFNI multiplies in another field (0x11B), but its affine instruction multiplies a byte, as eight
// bits, by any 8x8 bit matrix, and a product with a constant is such a map in every field.
#define BOARDCAST_GFNI __attribute__((target("avx512f,avx512bw,gfni")))

namespace boardcast {
namespace {

/// Bit matrix of the product with `coefficient`: byte 7 - i of the result is row i, whose bit b
/// says whether bit b of the source adds to bit i of the product.
constexpr std::uint64_t ProductMatrix(std::uint8_t coefficient) {
  std::uint64_t matrix = 0;
  for (unsigned b = 0; b < 8; ++b) {
    const std::uint8_t column = gf256::Multiply(coefficient, static_cast<std::uint8_t>(1u << b));
    for (unsigned i = 0; i < 8; ++i) {
      if (column >> i & 1) matrix |= std::uint64_t{1} << ((7 - i) * 8 + b);
    }
  }
  return matrix;
}

constexpr std::array<std::uint64_t, 256> MakeProductMatrices() {
  std::array<std::uint64_t, 256> matrices{};
  for (unsigned c = 0; c < 256; ++c) matrices[c] = ProductMatrix(static_cast<std::uint8_t>(c));
  return matrices;
}

constexpr std::array<std::uint64_t, 256> kProductMatrices = MakeProductMatrices();

template <std::size_t kOutputs>
BOARDCAST_GFNI void MultiplyPass(const std::uint8_t* coefficients,
                                 const std::uint8_t* const* sources, std::size_t source_count,
                                 std::uint8_t* const* outputs, std::size_t size) {
  for (std::size_t offset = 0; offset < size; offset += sizeof(__m512i)) {
    __m512i sums[kOutputs];
    for (__m512i& sum : sums) sum = _mm512_setzero_si512();
    for (std::size_t j = 0; j < source_count; ++j) {
      const __m512i bytes = _mm512_loadu_si512(sources[j] + offset);
      for (std::size_t r = 0; r < kOutputs; ++r) {
        const std::uint64_t matrix = kProductMatrices[coefficients[r * source_count + j]];
        const __m512i matrices = _mm512_set1_epi64(static_cast<long long>(matrix));
        sums[r] = _mm512_xor_si512(sums[r], _mm512_gf2p8affine_epi64_epi8(bytes, matrices, 0));
      }
    }
    for (std::size_t r = 0; r < kOutputs; ++r) _mm512_storeu_si512(outputs[r] + offset, sums[r]);
  }
}

BOARDCAST_GFNI void MultiplyMany(const std::uint8_t* coefficients,
                                 std::span<const std::uint8_t* const> sources,
                                 std::span<std::uint8_t* const> outputs, std::size_t size) {
  const std::size_t source_count = sources.size();
  std::uint8_t* const* output = outputs.data();
  std::size_t left = outputs.size();
  for (; left >= 4; left -= 4) {
    MultiplyPass<4>(coefficients, sources.data(), source_count, output, size);
    coefficients += 4 * source_count;
    output += 4;
  }
  if (left == 3) MultiplyPass<3>(coefficients, sources.data(), source_count, output, size);
  if (left == 2) MultiplyPass<2>(coefficients, sources.data(), source_count, output, size);
  if (left == 1) MultiplyPass<1>(coefficients, sources.data(), source_count, output, size);
}

}  // namespace

constinit const Gf256Kernels kGf256Gfni{"gfni", MultiplyMany};

}  // namespace boardcast
#endif
