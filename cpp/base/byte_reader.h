#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace boardcast {

using Bytes = std::span<const std::uint8_t>;

/// Reads big-endian fields from untrusted bytes. Reading past the end yields zeros and makes
/// ok() false for good, so a parser checks once, at its end.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

  std::uint8_t U8() { return static_cast<std::uint8_t>(Number(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Number(2)); }
  std::uint32_t U24() { return static_cast<std::uint32_t>(Number(3)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Number(4)); }
  std::uint64_t U64() { return Number(8); }

  /// The next `size` bytes, or an empty span (and ok() false) if there are fewer.
  Bytes Take(std::size_t size) {
    if (size > remaining()) {
      Fail();
      return {};
    }
    const Bytes taken = bytes_.subspan(position_, size);
    position_ += size;
    return taken;
  }
  Bytes Rest() { return Take(remaining()); }
  void Skip(std::size_t size) { Take(size); }

 private:
  std::uint64_t Number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : Take(size)) value = value << 8 | byte;
    return value;
  }
  void Fail() {
    ok_ = false;
    position_ = bytes_.size();
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace boardcast
