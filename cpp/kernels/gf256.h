#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace boardcast {

/// Arithmetic in GF(256), the field of x^8 + x^4 + x^3 + x^2 + 1 (0x11D) with generator 2, as FEC
/// codes use it (RFC 5510 section 8.1). Addition is exclusive or.
namespace gf256 {

struct Logarithms {
  std::array<std::uint8_t, 256> log{};    ///< log[0] is meaningless.
  std::array<std::uint8_t, 512> power{};  ///< power[i] = 2^i; twice, so that sums need no modulo.
};

constexpr Logarithms MakeLogarithms() {
  Logarithms tables;
  unsigned value = 1;
  for (unsigned i = 0; i < 255; ++i) {
    tables.power[i] = tables.power[i + 255] = static_cast<std::uint8_t>(value);
    tables.log[value] = static_cast<std::uint8_t>(i);
    value <<= 1;
    if (value & 0x100) value ^= 0x11d;
  }
  return tables;
}

inline constexpr Logarithms kLogarithms = MakeLogarithms();

constexpr std::uint8_t Multiply(std::uint8_t a, std::uint8_t b) {
  if (a == 0 || b == 0) return 0;
  return kLogarithms.power[kLogarithms.log[a] + kLogarithms.log[b]];
}

/// `b` is not 0.
constexpr std::uint8_t Divide(std::uint8_t a, std::uint8_t b) {
  assert(b != 0);
  if (a == 0) return 0;
  return kLogarithms.power[kLogarithms.log[a] + 255 - kLogarithms.log[b]];
}

}  // namespace gf256

/// Kernels work on whole blocks of this many bytes, so that none needs a loop for a tail.
inline constexpr std::size_t kGf256Granularity = 64;

constexpr std::size_t RoundUpToGf256Granularity(std::size_t size) {
  return (size + kGf256Granularity - 1) / kGf256Granularity * kGf256Granularity;
}

/// One implementation of the arithmetic on memory.
struct Gf256Kernels {
  const char* name;

  /// outputs[r][i] = sum over j of coefficients[r * sources.size() + j] * sources[j][i], for i
  /// below `size`, a multiple of kGf256Granularity. Outputs overlap neither each other nor a
  /// source; no alignment is needed. Up to four outputs are made in one pass over the sources. RT
  /// safe.
  void (*multiply_many)(const std::uint8_t* coefficients,
                        std::span<const std::uint8_t* const> sources,
                        std::span<std::uint8_t* const> outputs, std::size_t size);
};

/// The fastest kernels that this CPU can run; chosen once.
const Gf256Kernels& Gf256();

/// All kernels that this CPU can run, from the scalar ones to the fastest.
std::span<const Gf256Kernels* const> AvailableGf256Kernels();

}  // namespace boardcast
