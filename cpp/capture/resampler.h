#pragma once

#include <cstddef>
#include <memory>
#include <span>

struct SpeexResamplerState_;

namespace boardcast {

/// Brings sound of any rate to 48 kHz (windowed sinc of libspeexdsp). At 48 kHz it only copies, bit
/// for bit. The filter's delay is taken out, so that output and input begin at the same moment.
///
/// Thread: one at a time.
class Resampler {
 public:
  Resampler(int input_rate, int channels);
  ~Resampler();

  struct Progress {
    std::size_t consumed = 0;  ///< Frames taken from the input.
    std::size_t produced = 0;  ///< Frames put into the output.
  };

  /// Works until the input is used up or the output is full. Interleaved frames. RT safe.
  Progress Process(std::span<const float> in, std::span<float> out);

 private:
  const std::size_t channels_;
  SpeexResamplerState_* state_ = nullptr;  ///< Null when the input is at 48 kHz already.
};

}  // namespace boardcast
