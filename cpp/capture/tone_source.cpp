#include "capture/tone_source.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace boardcast {
namespace {

constexpr double kFullScale = 32767;
constexpr double kBedHertz = 440;
constexpr double kBedAmplitude = 0.01 * kFullScale;  // -40 dBFS.
constexpr double kBeepHertz = 1000;
constexpr double kBeepAmplitude = 0.251 * kFullScale;  // -12 dBFS.
constexpr int kEdgeSamples = kSampleRate / 200;        // 5 ms: no click.
constexpr auto kBeepSamples =
    static_cast<int>(ToneSource::kBeepLength.count() * kSampleRate / 1'000'000);
constexpr int kBlocksPerSecond = kSampleRate / kBlockSamples;

/// Gain of the beep at `sample`: raised-cosine edges, 0 outside.
double BeepEnvelope(int sample) {
  if (sample >= kBeepSamples) return 0;
  const int from_edge = std::min(sample, kBeepSamples - 1 - sample);
  if (from_edge >= kEdgeSamples) return 1;
  return 0.5 - 0.5 * std::cos(std::numbers::pi * from_edge / kEdgeSamples);
}

}  // namespace

ToneSource::ToneSource(Options options)
    : options_(options),
      pacer_({.rate = kBlocksPerSecond, .paced = options.paced}),
      pool_(options.buffers),
      second_(kSampleRate) {
  assert(options.channels == 1 || options.channels == 2);
  for (int i = 0; i < kSampleRate; ++i) {
    const double turn = 2 * std::numbers::pi * i / kSampleRate;
    const double value = kBedAmplitude * std::sin(kBedHertz * turn) +
                         kBeepAmplitude * BeepEnvelope(i) * std::sin(kBeepHertz * turn);
    second_[i] = static_cast<std::int16_t>(std::lround(value));
  }
}

Result<AudioBlockLease> ToneSource::Read(Timestamp now) {
  if (pacer_.NextDue(now) > now) return AudioBlockLease{};
  AudioBlockLease block = pool_.Acquire();
  if (!block) {
    pacer_.Defer(now);
    return AudioBlockLease{};
  }
  const std::int64_t index = pacer_.Take(now);
  block->channels = options_.channels;
  block->capture_time = now;
  block->media_time_us = pacer_.MediaTime(index).count();
  block->concealed = false;
  const std::int16_t* from = second_.data() + index % kBlocksPerSecond * kBlockSamples;
  std::int16_t* to = block->samples.data();
  for (int i = 0; i < kBlockSamples; ++i) {
    for (int channel = 0; channel < options_.channels; ++channel) *to++ = from[i];
  }
  return block;
}

}  // namespace boardcast
