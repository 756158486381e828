#include "capture/y4m_reader.h"

#include <utility>

#include "capture/frame_pool.h"
#include "capture/y4m_header.h"

namespace boardcast {
namespace {

Error InFile(Error error, const std::string& path) {
  error.message = path + ": " + error.message;
  error.path = path;
  return error;
}

}  // namespace

Result<std::unique_ptr<Y4mReader>> Y4mReader::Open(const std::string& path,
                                                   const Options& options) {
  Result<FileReader> file = FileReader::Open(path);
  if (!file) return std::move(file).error();
  return Open(std::move(*file), options);
}

Result<std::unique_ptr<Y4mReader>> Y4mReader::Open(FileReader file, const Options& options) {
  const auto line = file.ReadLine(kMaxY4mHeader);
  if (!line && line.error().code == ErrorCode::kMalformed) {
    return InFile(NotY4m(), file.path());  // No line end for long: some other kind of file.
  }
  if (!line) return line.error();
  if (!*line) return InFile({ErrorCode::kTruncated, "the file is empty"}, file.path());
  const Result<VideoFormat> format = ParseY4mHeader(**line);
  if (!format) return InFile(format.error(), file.path());
  return std::unique_ptr<Y4mReader>(new Y4mReader(std::move(file), *format, options));
}

Y4mReader::Y4mReader(FileReader file, const VideoFormat& format, const Options& options)
    : file_(std::move(file)),
      format_(format),
      options_(options),
      first_frame_(file_.position()),
      pacer_({.rate = format.frame_rate, .paced = options.paced}),
      pool_(MakeFramePool(format, options.buffers)) {}

Result<VideoFrameLease> Y4mReader::Read(Timestamp now) {
  if (failed_) return *failed_;
  if (pacer_.NextDue(now) > now) return VideoFrameLease{};
  VideoFrameLease frame = pool_.Acquire();
  if (!frame) {
    pacer_.Defer(now);
    return VideoFrameLease{};
  }
  const std::int64_t index = pacer_.Take(now);
  Status status = ReadFrame(index, *frame);
  if (!status) {
    failed_ = std::move(status).error();
    return *failed_;
  }
  frame->capture_time = now;
  frame->media_time_us = pacer_.MediaTime(index).count();
  frame->damaged = false;
  return frame;
}

Status Y4mReader::ReadFrame(std::int64_t index, VideoFrame& frame) {
  for (; frames_read_ < index; ++frames_read_) {
    Status status = SkipFrame();
    if (!status) return status;
  }
  Status status = NextFrame();
  if (!status) return status;
  status = ReadPlanes(frame);
  if (status) ++frames_read_;
  return status;
}

Status Y4mReader::NextFrame() {
  auto line = file_.ReadLine(kMaxY4mHeader);
  if (line && !*line) {
    if (frames_read_ == 0) {
      return InFile({ErrorCode::kTruncated, "there is a header but no frame"}, file_.path());
    }
    if (!options_.loop) return Error{ErrorCode::kEndOfStream, "end of " + file_.path()};
    Status status = file_.Seek(first_frame_);
    if (!status) return status;
    line = file_.ReadLine(kMaxY4mHeader);
  }
  if (!line) return line.error();
  if (*line && IsY4mFrameHeader(**line)) return Ok{};
  return InFile({ErrorCode::kMalformed, "frame " + std::to_string(frames_read_) +
                                            " does not begin with FRAME: the file is damaged"},
                file_.path());
}

Status Y4mReader::SkipFrame() {
  Status status = NextFrame();
  if (!status) return status;
  const auto luma = static_cast<std::uint64_t>(format_.width) * format_.height;
  const Result<std::uint64_t> skipped = file_.Skip(luma * 3 / 2);
  if (!skipped) return skipped.error();
  return *skipped == luma * 3 / 2 ? Status(Ok{}) : Status(CutFrame());
}

Status Y4mReader::ReadPlanes(VideoFrame& frame) {
  ShapeFrame(frame, PixelFormat::kI420, format_.width, format_.height);
  for (const Plane& plane : frame.planes) {
    for (int row = 0; row < plane.height; ++row) {
      const auto size = static_cast<std::size_t>(plane.width);
      const Result<std::size_t> got =
          file_.Read({plane.data + static_cast<std::ptrdiff_t>(row) * plane.stride, size});
      if (!got) return got.error();
      if (*got != size) return CutFrame();
    }
  }
  return Ok{};
}

Error Y4mReader::CutFrame() const {
  return InFile({ErrorCode::kTruncated, "the file ends within a frame, after " +
                                            std::to_string(frames_read_) + " whole ones"},
                file_.path());
}

}  // namespace boardcast
