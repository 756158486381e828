#include "media/video_frame.h"

#include <cstdlib>
#include <cstring>

namespace boardcast {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t Aligned(std::size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

void Free(std::uint8_t* memory) { std::free(memory); }

}  // namespace

void ShapeFrame(VideoFrame& frame, PixelFormat format, int width, int height) {
  const bool planar = format == PixelFormat::kI420;
  const int chroma_width = (width + 1) / 2;
  const int chroma_height = (height + 1) / 2;
  const int chroma_row = planar ? chroma_width : 2 * chroma_width;
  const std::size_t luma_stride = Aligned(width);
  const std::size_t chroma_stride = Aligned(chroma_row);
  const std::size_t luma_size = luma_stride * height;
  const std::size_t chroma_size = chroma_stride * chroma_height;
  // One row of slack: libyuv and our kernels may read whole vectors past the last pixel.
  const std::size_t size = luma_size + (planar ? 2 : 1) * chroma_size + kAlignment;
  if (frame.memory_size < size) {
    frame.memory = {static_cast<std::uint8_t*>(std::aligned_alloc(kAlignment, Aligned(size))),
                    Free};
    frame.memory_size = Aligned(size);
    std::memset(frame.memory.get(), 0, frame.memory_size);
  }
  frame.pixel_format = format;
  frame.width = width;
  frame.height = height;
  std::uint8_t* base = frame.memory.get();
  frame.planes = {};
  frame.planes[0] = {base, static_cast<int>(luma_stride), width, height};
  frame.planes[1] = {base + luma_size, static_cast<int>(chroma_stride), chroma_row, chroma_height};
  if (planar) {
    frame.planes[2] = {base + luma_size + chroma_size, static_cast<int>(chroma_stride), chroma_row,
                       chroma_height};
  }
}

void CopyFrame(const VideoFrame& from, VideoFrame& to) {
  ShapeFrame(to, from.pixel_format, from.width, from.height);
  for (int p = 0; p < from.plane_count(); ++p) {
    const Plane& source = from.planes[p];
    const Plane& target = to.planes[p];
    for (int row = 0; row < source.height; ++row) {
      std::memcpy(target.data + static_cast<std::ptrdiff_t>(row) * target.stride,
                  source.data + static_cast<std::ptrdiff_t>(row) * source.stride, source.width);
    }
  }
  to.capture_time = from.capture_time;
  to.rtp_timestamp = from.rtp_timestamp;
  to.media_time_us = from.media_time_us;
  to.damaged = from.damaged;
}

}  // namespace boardcast
