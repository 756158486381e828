#pragma once

#include <linux/videodev2.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace boardcast {

/// ioctl() that begins again when a signal interrupts it.
inline int V4l2Ioctl(int fd, unsigned long request, void* argument) {
  int result = 0;
  do {
    result = ::ioctl(fd, request, argument);
  } while (result < 0 && errno == EINTR);
  return result;
}

/// Whether this node captures by the single-planar streaming interface.
inline bool CanCapture(const v4l2_capability& capability) {
  const auto caps = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps
                                                                          : capability.capabilities;
  return (caps & V4L2_CAP_VIDEO_CAPTURE) != 0 && (caps & V4L2_CAP_STREAMING) != 0;
}

}  // namespace boardcast
