#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "play/audio_sink.h"

struct _snd_pcm;

namespace boardcast {

/// Plays through an ALSA device: 48 kHz, signed 16 bit. It never waits: sound that does not fit
/// into the device's buffer is dropped and counted, a device that ran empty starts again after 20
/// ms of sound.
///
/// Thread: as AudioSink.
class AlsaPlayback : public AudioSink {
 public:
  struct Options {
    int channels = 2;  ///< 1 or 2, of the device; blocks are brought to it.
  };

  static Result<std::unique_ptr<AlsaPlayback>> Open(const std::string& device,
                                                    const Options& options);
  ~AlsaPlayback() override;

  Status Write(const AudioBlock& block) override;
  Status Close() override;

  /// Time until a sample written now is heard.
  Duration Delay() const;

  /// How often the device ran empty.
  std::uint64_t underruns() const { return underruns_; }
  /// Samples (for each channel) that did not fit.
  std::uint64_t dropped_samples() const { return dropped_samples_; }

 private:
  AlsaPlayback(_snd_pcm* pcm, std::string device, const Options& options)
      : pcm_(pcm), device_(std::move(device)), options_(options) {}
  Status Configure();
  const std::int16_t* MatchChannels(const AudioBlock& block);
  Error Failure(std::string_view call, int error) const;

  _snd_pcm* pcm_;  ///< Null once closed.
  const std::string device_;
  const Options options_;
  std::array<std::int16_t, kBlockSamples * kMaxChannels> matched_{};
  std::uint64_t underruns_ = 0;
  std::uint64_t dropped_samples_ = 0;
};

}  // namespace boardcast
