#pragma once

#include <compare>
#include <cstdint>

#include "base/time.h"

namespace boardcast {

/// Wall-clock time as RTCP carries it: 32.32 fixed point seconds since 1900 (RFC 3550 section 4).
struct NtpTime {
  std::uint64_t value = 0;

  auto operator<=>(const NtpTime&) const = default;

  /// The middle 32 bits, as LSR and DLSR use them (RFC 3550 section 6.4.1).
  std::uint32_t Compact() const { return static_cast<std::uint32_t>(value >> 16); }
};

inline constexpr std::int64_t kNtpToUnixSeconds = 2'208'988'800;

/// `micros` since 1970 to NTP time, rounded to the nearest unit so that the way back is exact.
inline NtpTime NtpFromUnixMicros(std::int64_t micros) {
  const std::int64_t seconds = micros / 1'000'000;
  const auto rest = static_cast<std::uint64_t>(micros % 1'000'000);
  const std::uint64_t fraction = ((rest << 32) + 500'000) / 1'000'000;
  return {(static_cast<std::uint64_t>(seconds + kNtpToUnixSeconds) << 32) + fraction};
}

inline std::int64_t UnixMicrosFromNtp(NtpTime time) {
  const auto seconds = static_cast<std::int64_t>(time.value >> 32) - kNtpToUnixSeconds;
  const std::uint64_t fraction = time.value & 0xffff'ffff;
  return seconds * 1'000'000 +
         static_cast<std::int64_t>((fraction * 1'000'000 + (1ull << 31)) >> 32);
}

/// Ties the monotonic clock to the wall clock. Sampled once a session: the session's NTP times then
/// never jump, even when the system's wall clock is set.
struct ClockMapping {
  Timestamp monotonic;
  std::int64_t unix_micros = 0;

  NtpTime ToNtp(Timestamp time) const {
    return NtpFromUnixMicros(unix_micros + (time - monotonic).count());
  }
  Timestamp FromNtp(NtpTime time) const {
    return monotonic + Duration(UnixMicrosFromNtp(time) - unix_micros);
  }
};

/// Samples both clocks now.
inline ClockMapping SampleClocks() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {MonotonicNow(), std::chrono::duration_cast<Duration>(wall).count()};
}

}  // namespace boardcast
