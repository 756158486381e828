#include "capture/alsa_capture.h"

#include <alsa/asoundlib.h>
#include <poll.h>

#include <array>
#include <cerrno>

namespace boardcast {
namespace {

constexpr int kPeriods = 8;              // 80 ms until an overrun.
constexpr Duration kPollInterval = 5ms;  // For devices without a single descriptor.

/// libasound reports to standard error by default; our errors carry what matters.
void IgnoreReport(const char*, int, const char*, int, const char*, ...) {}

}  // namespace

Result<std::unique_ptr<AlsaCapture>> AlsaCapture::Open(const std::string& device,
                                                       const Options& options) {
  snd_lib_error_set_handler(IgnoreReport);
  snd_pcm_t* pcm = nullptr;
  const int error = snd_pcm_open(&pcm, device.c_str(), SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
  if (error < 0) {
    Error failure = SystemError("snd_pcm_open", -error, device);
    failure.message = "microphone " + device + ": " + snd_strerror(error);
    return failure;
  }
  std::unique_ptr<AlsaCapture> capture(new AlsaCapture(pcm, device, options));
  Status status = capture->Configure();
  if (status) status = capture->Start();
  if (!status) return std::move(status).error();
  return capture;
}

AlsaCapture::AlsaCapture(_snd_pcm* pcm, std::string device, const Options& options)
    : pcm_(pcm), device_(std::move(device)), options_(options), pool_(options.buffers) {}

AlsaCapture::~AlsaCapture() { snd_pcm_close(pcm_); }

Status AlsaCapture::Configure() {
  snd_pcm_hw_params_t* hardware = nullptr;
  snd_pcm_hw_params_alloca(&hardware);
  snd_pcm_sw_params_t* software = nullptr;
  snd_pcm_sw_params_alloca(&software);
  unsigned rate = kSampleRate;
  snd_pcm_uframes_t period = kBlockSamples;
  snd_pcm_uframes_t buffer = kBlockSamples * kPeriods;
  int error = snd_pcm_hw_params_any(pcm_, hardware);
  const auto step = [&error](int result) { error = error < 0 ? error : result; };
  step(snd_pcm_hw_params_set_access(pcm_, hardware, SND_PCM_ACCESS_RW_INTERLEAVED));
  step(snd_pcm_hw_params_set_format(pcm_, hardware, SND_PCM_FORMAT_S16));
  step(snd_pcm_hw_params_set_channels(pcm_, hardware, static_cast<unsigned>(options_.channels)));
  step(snd_pcm_hw_params_set_rate(pcm_, hardware, rate, 0));
  step(snd_pcm_hw_params_set_period_size_near(pcm_, hardware, &period, nullptr));
  step(snd_pcm_hw_params_set_buffer_size_near(pcm_, hardware, &buffer));
  step(error < 0 ? error : snd_pcm_hw_params(pcm_, hardware));
  if (error < 0) {
    return Error{.code = ErrorCode::kUnsupported,
                 .message = "microphone " + device_ + " does not deliver 48 kHz, 16 bit, " +
                            std::to_string(options_.channels) +
                            " channels by itself; open it as plug" + device_ + " or default (" +
                            snd_strerror(error) + ")",
                 .path = device_};
  }
  step(snd_pcm_sw_params_current(pcm_, software));
  step(snd_pcm_sw_params_set_avail_min(pcm_, software, kBlockSamples));
  step(snd_pcm_sw_params(pcm_, software));
  if (error < 0) return Failure("snd_pcm_sw_params", error);

  std::array<pollfd, 1> descriptors{};
  const bool single = snd_pcm_poll_descriptors_count(pcm_) == 1 &&
                      snd_pcm_poll_descriptors(pcm_, descriptors.data(), 1) == 1 &&
                      (descriptors[0].events & POLLIN) != 0;
  if (single) poll_fd_ = descriptors[0].fd;
  return Ok{};
}

Status AlsaCapture::Start() {
  const int error = snd_pcm_start(pcm_);
  if (error < 0) return Failure("snd_pcm_start", error);
  return Ok{};
}

SourceWait AlsaCapture::Wait(Timestamp now) {
  if (poll_fd_ >= 0) return {.fd = poll_fd_};
  return {.due = now + kPollInterval};
}

Result<AudioBlockLease> AlsaCapture::Read(Timestamp now) {
  const snd_pcm_sframes_t available = snd_pcm_avail_update(pcm_);
  if (available < 0) return Recover(static_cast<int>(available));
  if (available < kBlockSamples) return AudioBlockLease{};
  AudioBlockLease block = pool_.Acquire();
  if (!block) {
    // The sound must not wait in the device, or all that follows would be late.
    ++skipped_;
    snd_pcm_forward(pcm_, kBlockSamples);
    frames_read_ += kBlockSamples;
    return AudioBlockLease{};
  }
  const snd_pcm_sframes_t got = snd_pcm_readi(pcm_, block->samples.data(), kBlockSamples);
  if (got == -EAGAIN) return AudioBlockLease{};
  if (got < 0) return Recover(static_cast<int>(got));
  block->channels = options_.channels;
  block->concealed = false;
  block->capture_time = now - TicksToDuration(available, kSampleRate);
  block->media_time_us = TicksToDuration(frames_read_, kSampleRate).count();
  const auto samples = block->data();
  std::fill(samples.begin() + got * options_.channels, samples.end(), std::int16_t{0});
  frames_read_ += got;
  return block;
}

Result<AudioBlockLease> AlsaCapture::Recover(int error) {
  if (error == -EPIPE) ++overruns_;
  if (error == -ENODEV || snd_pcm_recover(pcm_, error, 1) < 0)
    return Failure("snd_pcm_readi", error);
  Status status = Start();
  if (!status) return std::move(status).error();
  return AudioBlockLease{};
}

Error AlsaCapture::Failure(std::string_view call, int error) const {
  Error failure = SystemError(call, -error, device_);
  failure.message = "microphone " + device_ + ": " + snd_strerror(error);
  if (error == -ENODEV || error == -EIO) failure.code = ErrorCode::kDeviceLost;
  return failure;
}

}  // namespace boardcast
