#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/byte_reader.h"

namespace boardcast {

using MutableBytes = std::span<std::uint8_t>;

/// Writes big-endian fields into a fixed buffer. Writing past the end writes nothing more and
/// makes ok() false for good, so a serializer checks once, at its end.
class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

  bool ok() const { return ok_; }
  std::size_t size() const { return position_; }
  std::size_t remaining() const { return buffer_.size() - position_; }

  void U8(std::uint8_t value) { Number(value, 1); }
  void U16(std::uint16_t value) { Number(value, 2); }
  void U24(std::uint32_t value) { Number(value, 3); }
  void U32(std::uint32_t value) { Number(value, 4); }
  void U64(std::uint64_t value) { Number(value, 8); }
  void Write(Bytes bytes) {
    const MutableBytes place = Reserve(bytes.size());
    if (place.size() == bytes.size()) std::copy(bytes.begin(), bytes.end(), place.begin());
  }

  /// Room for `size` bytes that the caller fills; empty if there is not enough.
  MutableBytes Reserve(std::size_t size) {
    if (!ok_ || size > remaining()) {
      ok_ = false;
      return {};
    }
    const MutableBytes place = buffer_.subspan(position_, size);
    position_ += size;
    return place;
  }

 private:
  void Number(std::uint64_t value, std::size_t size) {
    for (std::uint8_t& byte : Reserve(size)) byte = static_cast<std::uint8_t>(value >> 8 * --size);
  }

  MutableBytes buffer_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace boardcast
