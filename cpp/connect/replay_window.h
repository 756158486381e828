#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <optional>

namespace boardcast {

/// Which packet indices were seen, over the last 1024 of them (RFC 3711 section 3.3.2). Indices are
/// unwrapped and not negative.
class ReplayWindow {
 public:
  static constexpr std::int64_t kSize = 1024;

  /// The highest index seen.
  std::optional<std::int64_t> highest() const {
    return highest_ < 0 ? std::nullopt : std::optional(highest_);
  }

  /// Whether `index` was not seen yet, and is not so old that nobody can tell.
  bool IsNew(std::int64_t index) const {
    if (index > highest_) return true;
    return index > highest_ - kSize && !(Word(index) & Bit(index));
  }

  /// Marks `index`, which IsNew(), as seen.
  void Mark(std::int64_t index) {
    assert(IsNew(index));
    if (index > highest_) {
      // The bits between belong to indices that have left the window: forget them word by word.
      const std::int64_t first = highest_ / kBits + (highest_ < 0 ? 0 : 1);
      const std::int64_t last = index / kBits;
      for (std::int64_t word = first; word <= last && word < first + kWords; ++word) {
        words_[static_cast<std::size_t>(word % kWords)] = 0;
      }
      highest_ = index;
    }
    words_[static_cast<std::size_t>(index / kBits % kWords)] |= Bit(index);
  }

 private:
  static constexpr std::int64_t kBits = 64;
  // One word more than the window: clearing whole words must not touch the oldest indices.
  static constexpr std::int64_t kWords = kSize / kBits + 1;

  static std::uint64_t Bit(std::int64_t index) { return std::uint64_t{1} << (index % kBits); }
  std::uint64_t Word(std::int64_t index) const {
    return words_[static_cast<std::size_t>(index / kBits % kWords)];
  }

  std::array<std::uint64_t, kWords> words_{};
  std::int64_t highest_ = -1;
};

}  // namespace boardcast
