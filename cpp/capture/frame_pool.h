#pragma once

#include <cstddef>

#include "media/video_frame.h"

namespace boardcast {

/// A pool whose frames have the shape of `format` from the beginning.
inline VideoFramePool MakeFramePool(const VideoFormat& format, std::size_t count) {
  return VideoFramePool(count, [format] {
    VideoFrame frame;
    ShapeFrame(frame, format.pixel_format, format.width, format.height);
    return frame;
  });
}

}  // namespace boardcast
