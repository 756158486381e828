#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernels/gf256.h"
#include "kernels/reed_solomon.h"

namespace boardcast {
namespace {

constexpr std::size_t kSize = RoundUpToGf256Granularity(1200);

/// Encodes a block over and over; bytes a second are those of the sources. Every run goes through a
/// row of blocks that do not fit the first-level cache together, as packets do not.
void EncodeBlock(benchmark::State& state, const Gf256Kernels& kernels, std::size_t k,
                 std::size_t m) {
  constexpr std::size_t kBlocks = 8;
  std::vector<std::uint8_t> coefficients(k * m);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < k; ++j) coefficients[i * k + j] = ReedSolomonCoefficient(i, j);
  }
  std::vector<std::uint8_t> memory(kBlocks * (k + m) * kSize + kGf256Granularity, 0x5a);
  auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  std::uint8_t* aligned = memory.data() + (kGf256Granularity - address % kGf256Granularity);
  std::vector<const std::uint8_t*> sources(k);
  std::vector<std::uint8_t*> repairs(m);
  std::size_t block = 0;
  for (auto _ : state) {
    std::uint8_t* symbol = aligned + block * (k + m) * kSize;
    for (auto& source : sources) source = std::exchange(symbol, symbol + kSize);
    for (auto& repair : repairs) repair = std::exchange(symbol, symbol + kSize);
    kernels.multiply_many(coefficients.data(), sources, repairs, kSize);
    benchmark::ClobberMemory();
    block = (block + 1) % kBlocks;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * k * kSize));
}

const int kRegistered = [] {
  for (const Gf256Kernels* kernels : AvailableGf256Kernels()) {
    for (const auto& [k, m] : {std::pair<std::size_t, std::size_t>{10, 4}, {24, 8}}) {
      const std::string name = "encode/" + std::string(kernels->name) + "/" + std::to_string(k) +
                               "+" + std::to_string(m);
      benchmark::RegisterBenchmark(name.c_str(), EncodeBlock, *kernels, k, m);
    }
  }
  return 0;
}();

}  // namespace
}  // namespace boardcast
