#include "kernels/reed_solomon.h"

#include <array>
#include <cassert>

#include "kernels/gf256.h"

namespace boardcast {
namespace {

constexpr std::size_t kMaxSources = kMaxReedSolomonSources;
constexpr std::size_t kMaxRepairs = kMaxReedSolomonRepairs;
constexpr std::size_t kFirstX = 128;
static_assert(kMaxSources <= kFirstX && kMaxRepairs <= 256 - kFirstX);

constexpr std::uint8_t X(std::size_t repair_index) {
  return static_cast<std::uint8_t>(kFirstX + repair_index);
}
constexpr std::uint8_t Y(std::size_t source_index) {
  return static_cast<std::uint8_t>(source_index);
}

/// Row-major matrix with one row for each missing source.
using Square = std::array<std::uint8_t, kMaxRepairs * kMaxRepairs>;

/// Inverse of the matrix c(repairs[b].index, missing[a]). That of a Cauchy matrix is known:
/// element (a, b) is f(a) g(b) / (x_b ^ y_a), where f(a) is the product of all (x_i ^ y_a) over
/// that of all (y_i ^ y_a) but its own, and g(b) likewise. The scaling of the columns comes back as
/// a division of the inverse's rows.
void InvertSubmatrix(std::span<const std::size_t> missing,
                     std::span<const ReedSolomonRepair> repairs, Square& inverse) {
  const std::size_t n = missing.size();
  std::array<std::uint8_t, kMaxRepairs> f, g;
  for (std::size_t a = 0; a < n; ++a) {
    const std::uint8_t x = X(repairs[a].index);
    const std::uint8_t y = Y(missing[a]);
    std::uint8_t f_above = 1, f_below = X(0) ^ y, g_above = 1, g_below = 1;
    for (std::size_t i = 0; i < n; ++i) {
      f_above = gf256::Multiply(f_above, X(repairs[i].index) ^ y);
      g_above = gf256::Multiply(g_above, x ^ Y(missing[i]));
      if (i == a) continue;
      f_below = gf256::Multiply(f_below, Y(missing[i]) ^ y);
      g_below = gf256::Multiply(g_below, x ^ X(repairs[i].index));
    }
    f[a] = gf256::Divide(f_above, f_below);
    g[a] = gf256::Divide(g_above, g_below);
  }
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      const std::uint8_t sum = X(repairs[b].index) ^ Y(missing[a]);
      inverse[a * n + b] = gf256::Divide(gf256::Multiply(f[a], g[b]), sum);
    }
  }
}

}  // namespace

std::uint8_t ReedSolomonCoefficient(std::size_t repair_index, std::size_t source_index) {
  const std::uint8_t y = Y(source_index);
  return gf256::Divide(X(0) ^ y, X(repair_index) ^ y);
}

void ReedSolomonEncode(std::span<const std::uint8_t* const> sources,
                       std::span<std::uint8_t* const> repairs, std::size_t size) {
  assert(sources.size() <= kMaxSources && repairs.size() <= kMaxRepairs);
  std::array<std::uint8_t, kMaxRepairs * kMaxSources> coefficients;
  std::size_t next = 0;
  for (std::size_t i = 0; i < repairs.size(); ++i) {
    for (std::size_t j = 0; j < sources.size(); ++j) {
      coefficients[next++] = ReedSolomonCoefficient(i, j);
    }
  }
  Gf256().multiply_many(coefficients.data(), sources, repairs, size);
}

void ReedSolomonDecode(std::span<const std::uint8_t* const> sources,
                       std::span<const ReedSolomonRepair> repairs,
                       std::span<std::uint8_t* const> recovered, std::size_t size) {
  assert(sources.size() <= kMaxSources && repairs.size() <= kMaxRepairs);
  std::array<std::size_t, kMaxSources> known, missing;
  std::size_t known_count = 0, missing_count = 0;
  for (std::size_t j = 0; j < sources.size(); ++j) {
    (sources[j] ? known[known_count++] : missing[missing_count++]) = j;
  }
  assert(missing_count == repairs.size() && missing_count == recovered.size());

  Square inverse;
  InvertSubmatrix(std::span(missing).first(missing_count), repairs, inverse);

  // A missing source is a sum over the repair symbols, each without what the known sources put into
  // it; both parts go into one row, for one pass over all k symbols.
  const std::size_t k = sources.size();
  std::array<std::uint8_t, kMaxRepairs * kMaxSources> coefficients;
  std::array<const std::uint8_t*, kMaxSources> symbols;
  for (std::size_t p = 0; p < known_count; ++p) symbols[p] = sources[known[p]];
  for (std::size_t i = 0; i < missing_count; ++i) symbols[known_count + i] = repairs[i].symbol;
  for (std::size_t a = 0; a < missing_count; ++a) {
    const std::uint8_t* row = inverse.data() + a * missing_count;
    for (std::size_t p = 0; p < known_count; ++p) {
      std::uint8_t sum = 0;
      for (std::size_t i = 0; i < missing_count; ++i) {
        sum ^= gf256::Multiply(row[i], ReedSolomonCoefficient(repairs[i].index, known[p]));
      }
      coefficients[a * k + p] = sum;
    }
    for (std::size_t i = 0; i < missing_count; ++i) coefficients[a * k + known_count + i] = row[i];
  }
  Gf256().multiply_many(coefficients.data(), std::span(symbols).first(k), recovered, size);
}

}  // namespace boardcast
