#include "play/y4m_writer.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace boardcast {
namespace {

struct Fraction {
  long over;
  long under;
};

/// Frame rate as a fraction: whole, or of the 1000/1001 family, or in thousandths.
Fraction RateFraction(double rate) {
  const long whole = std::lround(rate);
  if (std::abs(rate - static_cast<double>(whole)) < 1e-4) return {whole, 1};
  const long film = std::lround(rate * 1.001);
  if (std::abs(rate - static_cast<double>(film) / 1.001) < 1e-3) return {film * 1000, 1001};
  return {std::lround(rate * 1000), 1000};
}

void Add(std::vector<std::uint8_t>& piece, std::string_view text) {
  piece.insert(piece.end(), text.begin(), text.end());
}

}  // namespace

Result<std::unique_ptr<Y4mWriter>> Y4mWriter::Create(const std::string& path, double frame_rate) {
  Result<OutputFile> file = OutputFile::Create(path);
  if (!file) return std::move(file).error();
  return std::unique_ptr<Y4mWriter>(new Y4mWriter(std::move(*file), frame_rate));
}

Status Y4mWriter::Write(const VideoFrame& frame) {
  if (width_ != 0 && (frame.width != width_ || frame.height != height_)) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = file_.path() + ": a Y4M file has frames of one size; this one has " +
                            std::to_string(width_) + "x" + std::to_string(height_) +
                            " and the frame " + std::to_string(frame.width) + "x" +
                            std::to_string(frame.height),
                 .path = file_.path()};
  }
  piece_.clear();
  if (width_ == 0) PackHeader(frame);
  PackFrame(frame);
  Status status = file_.Append(piece_);
  if (status) {
    width_ = frame.width;
    height_ = frame.height;
    ++frames_written_;
  }
  return status;
}

void Y4mWriter::PackHeader(const VideoFrame& frame) {
  const Fraction rate = RateFraction(frame_rate_);
  std::array<char, 96> line{};
  std::snprintf(line.data(), line.size(), "YUV4MPEG2 W%d H%d F%ld:%ld Ip A1:1 C420jpeg\n",
                frame.width, frame.height, rate.over, rate.under);
  Add(piece_, line.data());
}

void Y4mWriter::PackFrame(const VideoFrame& frame) {
  Add(piece_, "FRAME\n");
  const auto row_of = [](const Plane& plane, int row) {
    return plane.data + static_cast<std::ptrdiff_t>(row) * plane.stride;
  };
  const bool planar = frame.pixel_format == PixelFormat::kI420;
  for (int p = 0; p < (planar ? 3 : 1); ++p) {
    const Plane& plane = frame.planes[p];
    for (int row = 0; row < plane.height; ++row) {
      const std::uint8_t* from = row_of(plane, row);
      piece_.insert(piece_.end(), from, from + plane.width);
    }
  }
  if (planar) return;
  const Plane& mixed = frame.planes[1];
  for (int first = 0; first < 2; ++first) {  // U, then V.
    for (int row = 0; row < mixed.height; ++row) {
      const std::uint8_t* from = row_of(mixed, row);
      for (int x = first; x < mixed.width; x += 2) piece_.push_back(from[x]);
    }
  }
}

}  // namespace boardcast
