#include "play/alsa_playback.h"

#include <alsa/asoundlib.h>

#include <cerrno>
#include <utility>

namespace boardcast {
namespace {

constexpr snd_pcm_uframes_t kBufferSamples = 10 * kBlockSamples;
constexpr snd_pcm_uframes_t kStartSamples = 2 * kBlockSamples;

/// libasound reports to standard error by default; our errors carry what matters.
void IgnoreReport(const char*, int, const char*, int, const char*, ...) {}

}  // namespace

Result<std::unique_ptr<AlsaPlayback>> AlsaPlayback::Open(const std::string& device,
                                                         const Options& options) {
  snd_lib_error_set_handler(IgnoreReport);
  snd_pcm_t* pcm = nullptr;
  const int error = snd_pcm_open(&pcm, device.c_str(), SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
  if (error < 0) {
    Error failure = SystemError("snd_pcm_open", -error, device);
    failure.message = "speaker " + device + ": " + snd_strerror(error);
    return failure;
  }
  std::unique_ptr<AlsaPlayback> playback(new AlsaPlayback(pcm, device, options));
  Status status = playback->Configure();
  if (!status) return std::move(status).error();
  return playback;
}

AlsaPlayback::~AlsaPlayback() { static_cast<void>(Close().ok()); }

Status AlsaPlayback::Configure() {
  snd_pcm_hw_params_t* hardware = nullptr;
  snd_pcm_hw_params_alloca(&hardware);
  snd_pcm_sw_params_t* software = nullptr;
  snd_pcm_sw_params_alloca(&software);
  snd_pcm_uframes_t period = kBlockSamples;
  snd_pcm_uframes_t buffer = kBufferSamples;
  int error = snd_pcm_hw_params_any(pcm_, hardware);
  const auto step = [&error](int result) { error = error < 0 ? error : result; };
  step(snd_pcm_hw_params_set_access(pcm_, hardware, SND_PCM_ACCESS_RW_INTERLEAVED));
  step(snd_pcm_hw_params_set_format(pcm_, hardware, SND_PCM_FORMAT_S16));
  step(snd_pcm_hw_params_set_channels(pcm_, hardware, static_cast<unsigned>(options_.channels)));
  step(snd_pcm_hw_params_set_rate(pcm_, hardware, kSampleRate, 0));
  step(snd_pcm_hw_params_set_period_size_near(pcm_, hardware, &period, nullptr));
  step(snd_pcm_hw_params_set_buffer_size_near(pcm_, hardware, &buffer));
  step(error < 0 ? error : snd_pcm_hw_params(pcm_, hardware));
  if (error < 0) {
    return Error{.code = ErrorCode::kUnsupported,
                 .message = "speaker " + device_ + " does not take 48 kHz, 16 bit, " +
                            std::to_string(options_.channels) +
                            " channels by itself; open it as plug" + device_ + " or default (" +
                            snd_strerror(error) + ")",
                 .path = device_};
  }
  step(snd_pcm_sw_params_current(pcm_, software));
  step(snd_pcm_sw_params_set_start_threshold(pcm_, software, kStartSamples));
  step(snd_pcm_sw_params(pcm_, software));
  if (error < 0) return Failure("snd_pcm_sw_params", error);
  return Ok{};
}

Status AlsaPlayback::Write(const AudioBlock& block) {
  if (pcm_ == nullptr) {
    return Error{.code = ErrorCode::kClosed, .message = "speaker " + device_ + " is closed"};
  }
  const std::int16_t* samples = MatchChannels(block);
  snd_pcm_sframes_t done = snd_pcm_writei(pcm_, samples, kBlockSamples);
  if (done < 0 && done != -EAGAIN) {
    if (done == -EPIPE) ++underruns_;
    const int error = static_cast<int>(done);
    if (error == -ENODEV || snd_pcm_recover(pcm_, error, 1) < 0) {
      return Failure("snd_pcm_writei", error);
    }
    done = snd_pcm_writei(pcm_, samples, kBlockSamples);
  }
  if (done < kBlockSamples) {
    dropped_samples_ += static_cast<std::uint64_t>(kBlockSamples - std::max<long>(done, 0));
  }
  return Ok{};
}

Status AlsaPlayback::Close() {
  if (pcm_ != nullptr) snd_pcm_close(std::exchange(pcm_, nullptr));
  return Ok{};
}

Duration AlsaPlayback::Delay() const {
  snd_pcm_sframes_t delay = 0;
  if (pcm_ == nullptr || snd_pcm_delay(pcm_, &delay) < 0 || delay < 0) return Duration(0);
  return TicksToDuration(delay, kSampleRate);
}

const std::int16_t* AlsaPlayback::MatchChannels(const AudioBlock& block) {
  if (block.channels == options_.channels) return block.samples.data();
  for (int i = 0; i < kBlockSamples; ++i) {
    if (options_.channels == 2) {
      matched_[2 * i] = matched_[2 * i + 1] = block.samples[i];
    } else {
      const int sum = block.samples[2 * i] + block.samples[2 * i + 1];
      matched_[i] = static_cast<std::int16_t>(sum / 2);
    }
  }
  return matched_.data();
}

Error AlsaPlayback::Failure(std::string_view call, int error) const {
  Error failure = SystemError(call, -error, device_);
  failure.message = "speaker " + device_ + ": " + snd_strerror(error);
  if (error == -ENODEV || error == -EIO) failure.code = ErrorCode::kDeviceLost;
  return failure;
}

}  // namespace boardcast
