#pragma once

#include <chrono>
#include <cstdint>

namespace boardcast {

/// All durations inside the core are whole microseconds.
using Duration = std::chrono::microseconds;

/// A point on CLOCK_MONOTONIC. Pure code is handed one as `now` and never reads a clock itself.
using Timestamp = std::chrono::time_point<std::chrono::steady_clock, Duration>;

using namespace std::chrono_literals;

/// Reads CLOCK_MONOTONIC. Only threads, loops and tools call this. RT safe.
inline Timestamp MonotonicNow() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

inline std::int64_t ToMicros(Timestamp time) { return time.time_since_epoch().count(); }
inline Timestamp FromMicros(std::int64_t micros) { return Timestamp(Duration(micros)); }

/// Length of `ticks` of a media clock of `rate` Hz, rounded to the nearest microsecond.
inline Duration TicksToDuration(std::int64_t ticks, std::int64_t rate) {
  return Duration((ticks * 1'000'000 + (ticks >= 0 ? rate : -rate) / 2) / rate);
}

/// Ticks of a media clock of `rate` Hz in `duration`, rounded to the nearest tick.
inline std::int64_t DurationToTicks(Duration duration, std::int64_t rate) {
  const std::int64_t micros = duration.count();
  return (micros * rate + (micros >= 0 ? 500'000 : -500'000)) / 1'000'000;
}

}  // namespace boardcast
