#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

namespace boardcast {

/// Turns a wrapping counter (RTP sequence number, RTP timestamp) into a 64-bit one, taking each
/// value as the one nearest to the last (RFC 1982 arithmetic). The first value keeps its number.
template <typename Wrapping>
class Unwrapper {
  static_assert(std::is_unsigned_v<Wrapping>);

 public:
  /// Unwraps `value` and remembers it.
  std::int64_t Unwrap(Wrapping value) {
    last_ = Peek(value);
    return *last_;
  }

  /// Unwraps `value` without remembering it.
  std::int64_t Peek(Wrapping value) const {
    if (!last_) return value;
    const auto step = static_cast<Wrapping>(value - static_cast<Wrapping>(*last_));
    return *last_ + static_cast<std::make_signed_t<Wrapping>>(step);
  }

 private:
  std::optional<std::int64_t> last_;
};

using SeqUnwrapper = Unwrapper<std::uint16_t>;
using RtpTimestampUnwrapper = Unwrapper<std::uint32_t>;

}  // namespace boardcast
