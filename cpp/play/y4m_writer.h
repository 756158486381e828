#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "play/output_file.h"
#include "play/video_sink.h"

namespace boardcast {

/// Writes frames as YUV4MPEG2 4:2:0, one write for each. The first frame decides the size; the time
/// between frames is not kept. The file is playable at every moment.
///
/// Thread: as VideoSink.
class Y4mWriter : public VideoSink {
 public:
  /// `frame_rate` is what players are told, in frames a second.
  static Result<std::unique_ptr<Y4mWriter>> Create(const std::string& path, double frame_rate);

  Status Write(const VideoFrame& frame) override;
  Status Close() override { return file_.Close(); }

  std::uint64_t frames_written() const { return frames_written_; }

 private:
  Y4mWriter(OutputFile file, double frame_rate) : file_(std::move(file)), frame_rate_(frame_rate) {}
  void PackHeader(const VideoFrame& frame);
  void PackFrame(const VideoFrame& frame);

  OutputFile file_;
  const double frame_rate_;
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> piece_;  ///< The next write; keeps its memory.
  std::uint64_t frames_written_ = 0;
};

}  // namespace boardcast
