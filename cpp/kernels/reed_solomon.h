#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace boardcast {

// Systematic Reed-Solomon erasure code over GF(256): k source symbols, m repair symbols, and any k
// of the k + m give all sources. The generator is a Cauchy matrix with its columns scaled so that
// the first row is all ones: repair symbol 0 is the plain exclusive or of the sources. With x_i =
// 128 + i and y_j = j the coefficient of source j in repair symbol i is
//
//   c(i, j) = (x_0 ^ y_j) / (x_i ^ y_j)
//
// Scaling keeps every square submatrix invertible, which is what makes any k symbols enough. The
// coefficients depend on neither k nor m, and are part of the wire format.
//
// Sizes are multiples of kGf256Granularity (kernels/gf256.h); shorter symbols count as padded with
// zeros, and what stands behind a symbol's end only changes what stands behind the others' ends.
// Nothing here allocates. RT safe.

inline constexpr std::size_t kMaxReedSolomonSources = 48;
inline constexpr std::size_t kMaxReedSolomonRepairs = 32;

/// c(repair_index, source_index) from above.
std::uint8_t ReedSolomonCoefficient(std::size_t repair_index, std::size_t source_index);

/// Makes repair symbols 0 to repairs.size() - 1 of `sources`.
void ReedSolomonEncode(std::span<const std::uint8_t* const> sources,
                       std::span<std::uint8_t* const> repairs, std::size_t size);

struct ReedSolomonRepair {
  std::uint8_t index = 0;  ///< Below kMaxReedSolomonRepairs.
  const std::uint8_t* symbol = nullptr;
};

/// Restores the missing sources, which are null in `sources`, into `recovered` in their order.
/// There are as many `recovered` and `repairs` as missing sources, and no two repairs of one index.
void ReedSolomonDecode(std::span<const std::uint8_t* const> sources,
                       std::span<const ReedSolomonRepair> repairs,
                       std::span<std::uint8_t* const> recovered, std::size_t size);

}  // namespace boardcast
