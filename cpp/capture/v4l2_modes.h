#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "media/video_frame.h"

namespace boardcast {

/// One way in which a camera can deliver pictures.
struct V4l2Mode {
  std::uint32_t fourcc = 0;  ///< V4L2_PIX_FMT_...
  int width = 0;
  int height = 0;
  double frame_rate = 0;  ///< The highest at this size; 0 when the driver does not say.
};

/// The modes of the open device `fd` in formats that V4l2Camera understands. A driver that allows
/// any size in a range offers the one nearest to `wanted`.
std::vector<V4l2Mode> ListV4l2Modes(int fd, const VideoFormat& wanted);

/// The mode nearest to `wanted`: first by size, then by whether it reaches the frame rate, then raw
/// before compressed (NV12, I420, YUYV, MJPEG). Pure.
std::optional<V4l2Mode> ChooseV4l2Mode(std::span<const V4l2Mode> modes, const VideoFormat& wanted);

}  // namespace boardcast
