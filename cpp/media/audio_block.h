#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/time.h"
#include "media/buffer_pool.h"

namespace boardcast {

/// The one sample rate inside the core; sources and sinks convert at the edge.
inline constexpr int kSampleRate = 48'000;

/// Samples for each channel in one block: 10 ms.
inline constexpr int kBlockSamples = kSampleRate / 100;

inline constexpr int kMaxChannels = 2;

/// 10 ms of sound: signed 16-bit, interleaved, 48 kHz, one or two channels.
struct AudioBlock {
  std::array<std::int16_t, kBlockSamples * kMaxChannels> samples{};
  int channels = 1;
  Timestamp capture_time{};        ///< Of the first sample.
  std::int64_t media_time_us = 0;  ///< Position in the source, from 0.
  bool concealed = false;          ///< Made up by the decoder because the packet did not arrive.

  std::span<std::int16_t> data() {
    return {samples.data(), static_cast<std::size_t>(kBlockSamples * channels)};
  }
  std::span<const std::int16_t> data() const {
    return {samples.data(), static_cast<std::size_t>(kBlockSamples * channels)};
  }
};

using AudioBlockPool = BufferPool<AudioBlock>;
using AudioBlockLease = Lease<AudioBlock>;

}  // namespace boardcast
