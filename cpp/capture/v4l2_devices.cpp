#include "capture/v4l2_devices.h"

#include <fcntl.h>
#include <linux/videodev2.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/unique_fd.h"
#include "capture/v4l2_ioctl.h"

namespace boardcast {
namespace {

/// The number in "video12".
std::optional<int> NodeNumber(std::string_view name) {
  constexpr std::string_view kPrefix = "video";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

template <std::size_t size>
std::string Text(const __u8 (&field)[size]) {
  const auto* end = std::find(field, field + size, 0);
  return {field, end};
}

}  // namespace

std::vector<V4l2DeviceInfo> ListV4l2Devices() {
  std::vector<std::pair<int, std::string>> nodes;
  std::error_code error;  // A machine without /dev/video* is not an error.
  for (std::filesystem::directory_iterator it("/dev", error), end; !error && it != end;
       it.increment(error)) {
    const auto number = NodeNumber(it->path().filename().native());
    if (number) nodes.emplace_back(*number, it->path().native());
  }
  std::sort(nodes.begin(), nodes.end());

  std::vector<V4l2DeviceInfo> devices;
  for (const auto& [number, path] : nodes) {
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    v4l2_capability capability{};
    if (!fd.valid() || V4l2Ioctl(fd.get(), VIDIOC_QUERYCAP, &capability) != 0) continue;
    if (!CanCapture(capability)) continue;
    devices.push_back(
        {path, Text(capability.card), Text(capability.driver), Text(capability.bus_info)});
  }
  return devices;
}

}  // namespace boardcast
