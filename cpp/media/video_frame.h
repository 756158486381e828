#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/time.h"
#include "media/buffer_pool.h"

namespace boardcast {

/// 8-bit 4:2:0, limited range, BT.601 unless the stream says otherwise.
enum class PixelFormat {
  kI420,  ///< Three planes: Y, U, V.
  kNv12,  ///< Two planes: Y, interleaved UV.
};

struct VideoFormat {
  PixelFormat pixel_format = PixelFormat::kI420;
  int width = 0;           ///< Luma pixels, even.
  int height = 0;          ///< Luma pixels, even.
  double frame_rate = 30;  ///< Frames a second; nominal for live sources.

  bool operator==(const VideoFormat&) const = default;
};

struct Plane {
  std::uint8_t* data = nullptr;
  int stride = 0;  ///< Bytes from one row to the next.
  int width = 0;   ///< Bytes of picture in a row.
  int height = 0;
};

/// One raw picture. The planes point into `memory`, which the frame owns, or into memory that
/// something else owns for as long as the frame is leased (a device buffer).
struct VideoFrame {
  PixelFormat pixel_format = PixelFormat::kI420;
  int width = 0;
  int height = 0;
  std::array<Plane, 3> planes{};
  Timestamp capture_time{};  ///< When the scene was (or, on the way in, was estimated to be) seen.
  std::uint32_t rtp_timestamp = 0;  ///< 90 kHz; set by the sending or receiving pipeline.
  std::int64_t media_time_us = 0;   ///< Position in the source, from 0; files count their own time.
  bool damaged = false;             ///< Decoded with concealment, or from references that were.

  std::unique_ptr<std::uint8_t[], void (*)(std::uint8_t*)> memory{nullptr, nullptr};
  std::size_t memory_size = 0;

  int plane_count() const { return pixel_format == PixelFormat::kI420 ? 3 : 2; }
};

/// Shapes `frame` to `format` with 64-byte aligned rows; reuses its memory when large enough.
void ShapeFrame(VideoFrame& frame, PixelFormat format, int width, int height);

/// Copies pixels, size and times of `from` into `to`, shaping it as needed.
void CopyFrame(const VideoFrame& from, VideoFrame& to);

using VideoFramePool = BufferPool<VideoFrame>;
using VideoFrameLease = Lease<VideoFrame>;

}  // namespace boardcast
