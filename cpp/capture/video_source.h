#pragma once

#include "base/result.h"
#include "base/time.h"
#include "capture/source_wait.h"
#include "media/video_frame.h"

namespace boardcast {

/// Where pictures come from: a camera, a file or the test pattern.
///
/// Thread: made anywhere, then used by the capture thread only. The capture thread sleeps until
/// what Wait() names has happened and then calls Read(). A source owns the pool of its frames; the
/// leases may outlive it.
class VideoSource {
 public:
  virtual ~VideoSource() = default;

  /// What Read() delivers; does not change.
  virtual const VideoFormat& format() const = 0;

  /// The first call starts the clock of a paced source.
  virtual SourceWait Wait(Timestamp now) = 0;

  /// The next frame, with capture_time and media_time_us set; an empty lease when there is nothing
  /// yet; kEndOfStream at the end; kDeviceLost when the device is gone.
  virtual Result<VideoFrameLease> Read(Timestamp now) = 0;

  /// Frames left out so far: the reader was late, or the device delivered them broken.
  virtual std::uint64_t skipped() const = 0;
};

}  // namespace boardcast
