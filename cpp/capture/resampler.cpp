#include "capture/resampler.h"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <cassert>

#include "media/audio_block.h"

namespace boardcast {
namespace {

constexpr int kQuality = 6;  // 0 to 10: flat to about 20 kHz at a few percent of a small core.

}  // namespace

Resampler::Resampler(int input_rate, int channels) : channels_(channels) {
  if (input_rate == kSampleRate) return;
  int error = RESAMPLER_ERR_SUCCESS;
  state_ =
      speex_resampler_init(static_cast<spx_uint32_t>(channels),
                           static_cast<spx_uint32_t>(input_rate), kSampleRate, kQuality, &error);
  assert(state_ != nullptr && error == RESAMPLER_ERR_SUCCESS);
  speex_resampler_skip_zeros(state_);
}

Resampler::~Resampler() {
  if (state_ != nullptr) speex_resampler_destroy(state_);
}

Resampler::Progress Resampler::Process(std::span<const float> in, std::span<float> out) {
  const std::size_t in_frames = in.size() / channels_;
  const std::size_t out_frames = out.size() / channels_;
  if (state_ == nullptr) {
    const std::size_t frames = std::min(in_frames, out_frames);
    std::copy_n(in.begin(), frames * channels_, out.begin());
    return {frames, frames};
  }
  auto consumed = static_cast<spx_uint32_t>(in_frames);
  auto produced = static_cast<spx_uint32_t>(out_frames);
  speex_resampler_process_interleaved_float(state_, in.data(), &consumed, out.data(), &produced);
  return {consumed, produced};
}

}  // namespace boardcast
