#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "capture/file_reader.h"
#include "capture/source_pacer.h"
#include "capture/video_source.h"

namespace boardcast {

/// `file:` of a Y4M clip, as if it were a camera. See ParseY4mHeader() for what it accepts. A clip
/// cut within a frame delivers all frames before it and then kTruncated.
///
/// Thread: as VideoSource; Read() waits for the disk.
class Y4mReader : public VideoSource {
 public:
  struct Options {
    bool paced = true;        ///< False: every frame is due at once.
    bool loop = false;        ///< From the beginning again at the end; media time goes on.
    std::size_t buffers = 6;  ///< Frames in the pool.
  };

  static Result<std::unique_ptr<Y4mReader>> Open(const std::string& path, const Options& options);
  static Result<std::unique_ptr<Y4mReader>> Open(FileReader file, const Options& options);

  const VideoFormat& format() const override { return format_; }
  SourceWait Wait(Timestamp now) override { return {.due = pacer_.NextDue(now)}; }
  Result<VideoFrameLease> Read(Timestamp now) override;
  std::uint64_t skipped() const override { return pacer_.skipped(); }

 private:
  Y4mReader(FileReader file, const VideoFormat& format, const Options& options);
  /// Reads the header of the next frame, at the end of a looping clip that of the first.
  Status NextFrame();
  Status SkipFrame();
  Status ReadPlanes(VideoFrame& frame);
  Status ReadFrame(std::int64_t index, VideoFrame& frame);
  Error CutFrame() const;

  FileReader file_;
  const VideoFormat format_;
  const Options options_;
  const std::uint64_t first_frame_;  ///< Offset in the file.
  SourcePacer pacer_;
  VideoFramePool pool_;
  std::int64_t frames_read_ = 0;
  std::optional<Error> failed_;  ///< Once reading has failed it stays so.
};

}  // namespace boardcast
