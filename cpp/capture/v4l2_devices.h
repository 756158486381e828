#pragma once

#include <string>
#include <vector>

namespace boardcast {

/// A camera as the system lists it.
struct V4l2DeviceInfo {
  std::string path;    ///< "/dev/video0".
  std::string name;    ///< "HD Webcam C525".
  std::string driver;  ///< "uvcvideo".
  std::string bus;     ///< "usb-0000:01:00.0-1.2": stays the same when the number changes.
};

/// All video capture devices that can be opened, in the order of their numbers. Nodes that only
/// carry metadata, encode or need the multi-planar interface are left out.
std::vector<V4l2DeviceInfo> ListV4l2Devices();

}  // namespace boardcast
