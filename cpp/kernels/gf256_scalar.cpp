#include <algorithm>

#include "kernels/gf256_targets.h"

namespace boardcast {
namespace {

void MultiplyAdd(std::uint8_t coefficient, const std::uint8_t* source, std::uint8_t* output,
                 std::size_t size) {
  if (coefficient == 0) return;
  const std::uint8_t* power = gf256::kLogarithms.power.data() + gf256::kLogarithms.log[coefficient];
  for (std::size_t i = 0; i < size; ++i) {
    if (source[i] != 0) output[i] ^= power[gf256::kLogarithms.log[source[i]]];
  }
}

void MultiplyMany(const std::uint8_t* coefficients, std::span<const std::uint8_t* const> sources,
                  std::span<std::uint8_t* const> outputs, std::size_t size) {
  for (std::uint8_t* output : outputs) {
    std::fill_n(output, size, std::uint8_t{0});
    for (const std::uint8_t* source : sources) MultiplyAdd(*coefficients++, source, output, size);
  }
}

}  // namespace

constinit const Gf256Kernels kGf256Scalar{"scalar", MultiplyMany};

}  // namespace boardcast
