#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "capture/source_wait.h"
#include "media/audio_block.h"

namespace boardcast {

/// Where sound comes from: a microphone, a file or the test tone. Blocks of 10 ms at 48 kHz.
///
/// Thread: as VideoSource.
class AudioSource {
 public:
  virtual ~AudioSource() = default;

  /// 1 or 2; does not change.
  virtual int channels() const = 0;

  /// The first call starts the clock of a paced source.
  virtual SourceWait Wait(Timestamp now) = 0;

  /// The next block, with capture_time and media_time_us set; an empty lease when there is nothing
  /// yet; kEndOfStream at the end; kDeviceLost when the device is gone.
  virtual Result<AudioBlockLease> Read(Timestamp now) = 0;

  /// Blocks left out so far because the reader was late.
  virtual std::uint64_t skipped() const = 0;
};

}  // namespace boardcast
