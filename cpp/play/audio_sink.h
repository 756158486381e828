#pragma once

#include "base/result.h"
#include "media/audio_block.h"

namespace boardcast {

/// Where decoded sound goes: a file, a speaker, the application.
///
/// Thread: the audio thread.
class AudioSink {
 public:
  virtual ~AudioSink() = default;

  virtual Status Write(const AudioBlock& block) = 0;

  /// Completes what was written. Further calls do nothing.
  virtual Status Close() = 0;
};

}  // namespace boardcast
