#pragma once

#include <cstdint>

#include "base/byte_reader.h"
#include "media/video_frame.h"

namespace boardcast {

/// A picture as the driver left it.
struct V4l2Picture {
  std::uint32_t fourcc = 0;  ///< V4L2_PIX_FMT_NV12, _YUV420, _YUYV or _MJPEG.
  int stride = 0;            ///< Bytes from one luma (or packed) row to the next; MJPEG: unused.
  Bytes bytes;
};

/// Copies or converts `picture` into `frame`, which already has its size and the pixel format NV12
/// (for NV12) or I420. False if the picture is shorter than its size says or no valid JPEG.
bool ConvertV4l2Picture(const V4l2Picture& picture, VideoFrame& frame);

}  // namespace boardcast
