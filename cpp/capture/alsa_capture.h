#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "capture/audio_source.h"

struct _snd_pcm;

namespace boardcast {

/// `mic:` an ALSA capture device: 48 kHz, signed 16 bit, periods of 10 ms. Other rates and formats
/// are converted by ALSA where the device is opened through `plughw:` or `default`.
///
/// Thread: as AudioSource.
class AlsaCapture : public AudioSource {
 public:
  struct Options {
    int channels = 1;         ///< 1 or 2.
    std::size_t buffers = 8;  ///< Blocks in the pool.
  };

  static Result<std::unique_ptr<AlsaCapture>> Open(const std::string& device,
                                                   const Options& options);
  ~AlsaCapture() override;

  int channels() const override { return options_.channels; }
  SourceWait Wait(Timestamp now) override;
  Result<AudioBlockLease> Read(Timestamp now) override;
  std::uint64_t skipped() const override { return skipped_; }

  /// How often the device's buffer ran over because nobody read it.
  std::uint64_t overruns() const { return overruns_; }

 private:
  AlsaCapture(_snd_pcm* pcm, std::string device, const Options& options);
  Status Configure();
  Status Start();
  /// After an error of a read: restarts the device, or says that it is gone.
  Result<AudioBlockLease> Recover(int error);
  Error Failure(std::string_view call, int error) const;

  _snd_pcm* const pcm_;
  const std::string device_;
  const Options options_;
  AudioBlockPool pool_;
  int poll_fd_ =
      -1;  ///< Belongs to pcm_; -1 if the device needs more than one: then it is polled by time.
  std::int64_t frames_read_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t overruns_ = 0;
};

}  // namespace boardcast
