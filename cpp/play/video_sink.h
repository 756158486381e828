#pragma once

#include "base/result.h"
#include "media/video_frame.h"

namespace boardcast {

/// Where decoded pictures go: a file, a screen, the application.
///
/// Thread: the play thread.
class VideoSink {
 public:
  virtual ~VideoSink() = default;

  virtual Status Write(const VideoFrame& frame) = 0;

  /// Completes what was written. Further calls do nothing.
  virtual Status Close() = 0;
};

}  // namespace boardcast
