#include "kernels/reed_solomon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "kernels/gf256.h"
#include "testing/random.h"

namespace boardcast {
namespace {

constexpr std::size_t kSize = kGf256Granularity;
using Symbol = std::vector<std::uint8_t>;

/// k random sources and their m repair symbols.
struct Block {
  Block(std::size_t k, std::size_t m, Random& random) : sources(k, Symbol(kSize)) {
    for (Symbol& source : sources) {
      for (std::uint8_t& byte : source) byte = static_cast<std::uint8_t>(random.Next());
    }
    repairs.assign(m, Symbol(kSize));
    std::vector<const std::uint8_t*> in;
    std::vector<std::uint8_t*> out;
    for (const Symbol& source : sources) in.push_back(source.data());
    for (Symbol& repair : repairs) out.push_back(repair.data());
    ReedSolomonEncode(in, out, kSize);
  }

  /// Whether every source that `lost` says is gone comes back out of the repairs `used`.
  bool Restores(const std::vector<bool>& lost, const std::vector<std::uint8_t>& used) const {
    std::vector<const std::uint8_t*> in;
    std::vector<Symbol> restored(used.size(), Symbol(kSize));
    std::vector<std::uint8_t*> out;
    std::vector<ReedSolomonRepair> help;
    for (std::size_t j = 0; j < sources.size(); ++j)
      in.push_back(lost[j] ? nullptr : sources[j].data());
    for (Symbol& symbol : restored) out.push_back(symbol.data());
    for (const std::uint8_t index : used) help.push_back({index, repairs[index].data()});
    ReedSolomonDecode(in, help, out, kSize);
    std::vector<Symbol> expected;
    for (std::size_t j = 0; j < sources.size(); ++j) {
      if (lost[j]) expected.push_back(sources[j]);
    }
    return restored == expected;
  }

  std::vector<Symbol> sources, repairs;
};

TEST(ReedSolomon, FirstRepairIsTheExclusiveOr) {
  Random random(1);
  const Block block(5, 1, random);
  Symbol sum(kSize);
  for (const Symbol& source : block.sources) {
    for (std::size_t i = 0; i < kSize; ++i) sum[i] ^= source[i];
  }
  EXPECT_EQ(block.repairs[0], sum);
}

// These are part of the wire format: a change breaks every other version of boardcast.
TEST(ReedSolomon, CoefficientsStayWhatTheyAre) {
  struct Case {
    std::size_t repair, source;
    std::uint8_t coefficient;
  };
  for (const auto& [repair, source, coefficient] :
       {Case{0, 0, 1}, Case{0, 47, 1}, Case{1, 0, 85}, Case{1, 1, 26}, Case{1, 47, 191},
        Case{31, 0, 195}, Case{31, 3, 121}, Case{31, 47, 103}}) {
    EXPECT_EQ(ReedSolomonCoefficient(repair, source), coefficient) << repair << ", " << source;
  }
}

// Every erasure pattern and every choice of repair symbols of all blocks up to k = 5, m = 4.
TEST(ReedSolomon, SmallBlocksRestoreFromEveryPattern) {
  Random random(2);
  for (std::size_t k = 1; k <= 5; ++k) {
    for (std::size_t m = 1; m <= 4; ++m) {
      const Block block(k, m, random);
      for (unsigned lost_bits = 1; lost_bits < 1u << k; ++lost_bits) {
        for (unsigned used_bits = 1; used_bits < 1u << m; ++used_bits) {
          if (std::popcount(lost_bits) != std::popcount(used_bits)) continue;
          std::vector<bool> lost(k);
          std::vector<std::uint8_t> used;
          for (std::size_t j = 0; j < k; ++j) lost[j] = lost_bits >> j & 1;
          for (std::uint8_t i = 0; i < m; ++i) {
            if (used_bits >> i & 1) used.push_back(i);
          }
          ASSERT_TRUE(block.Restores(lost, used))
              << "k " << k << " m " << m << " lost " << lost_bits << " used " << used_bits;
        }
      }
    }
  }
}

TEST(ReedSolomon, LargeBlocksRestoreFromRandomPatterns) {
  Random random(3);
  for (int round = 0; round < 400; ++round) {
    const std::size_t k = 1 + random.Below(kMaxReedSolomonSources);
    const std::size_t m = 1 + random.Below(kMaxReedSolomonRepairs);
    const std::size_t losses = 1 + random.Below(std::min(k, m));
    const Block block(k, m, random);
    std::vector<bool> lost(k);
    for (std::size_t left = losses; left > 0;) {
      const std::size_t j = random.Below(k);
      if (!lost[j]) --left;
      lost[j] = true;
    }
    std::vector<std::uint8_t> used;
    while (used.size() < losses) {
      const auto index = static_cast<std::uint8_t>(random.Below(m));
      if (std::ranges::find(used, index) == used.end()) used.push_back(index);
    }
    ASSERT_TRUE(block.Restores(lost, used)) << "k " << k << " m " << m << " lost " << losses;
  }
}

TEST(ReedSolomon, LargestBlockRestoresFromRepairsAlone) {
  Random random(4);
  const Block block(kMaxReedSolomonRepairs, kMaxReedSolomonRepairs, random);
  std::vector<std::uint8_t> all(kMaxReedSolomonRepairs);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  EXPECT_TRUE(block.Restores(std::vector<bool>(kMaxReedSolomonRepairs, true), all));
}

}  // namespace
}  // namespace boardcast
