#pragma once

#include <cstdint>
#include <vector>

#include "capture/audio_source.h"
#include "capture/source_pacer.h"

namespace boardcast {

/// `tone:` a quiet 440 Hz bed (-40 dBFS), so that a gap can be heard, and a 1 kHz beep (-12 dBFS,
/// 100 ms) at each full second, together with the flash of PatternSource, so that sync can be
/// judged.
///
/// Thread: as AudioSource.
class ToneSource : public AudioSource {
 public:
  struct Options {
    int channels = 1;         ///< 1 or 2.
    bool paced = true;        ///< False: every block is due at once.
    std::size_t buffers = 8;  ///< Blocks in the pool.
  };

  static constexpr Duration kBeepLength = 100ms;

  explicit ToneSource(Options options);

  int channels() const override { return options_.channels; }
  SourceWait Wait(Timestamp now) override { return {.due = pacer_.NextDue(now)}; }
  Result<AudioBlockLease> Read(Timestamp now) override;
  std::uint64_t skipped() const override { return pacer_.skipped(); }

 private:
  const Options options_;
  SourcePacer pacer_;
  AudioBlockPool pool_;
  std::vector<std::int16_t>
      second_;  ///< One second, mono: both tones fit into it a whole number of times.
};

}  // namespace boardcast
