#pragma once

#include <cstdint>

namespace boardcast {

/// Random numbers that are the same on every platform for the same seed (SplitMix64). The standard
/// library's distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    state_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11eb;
    return mixed ^ mixed >> 31;
  }

  /// At least 0 and below `bound`, which is not 0.
  std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }

  /// At least 0 and below 1.
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  /// True with probability `probability`.
  bool Chance(double probability) { return Unit() < probability; }

 private:
  std::uint64_t state_;
};

}  // namespace boardcast
