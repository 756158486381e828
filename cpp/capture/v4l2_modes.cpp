#include "capture/v4l2_modes.h"

#include <linux/videodev2.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>

#include "capture/v4l2_ioctl.h"

namespace boardcast {
namespace {

/// In order of preference: how little work they make.
constexpr std::array<std::uint32_t, 4> kFormats = {V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420,
                                                   V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG};
constexpr __u32 kMaxEntries = 256;  // Against drivers that never end their lists.

double Rate(const v4l2_fract& interval) {
  return interval.numerator == 0 ? 0
                                 : static_cast<double>(interval.denominator) / interval.numerator;
}

/// The highest frame rate of a format at a size.
double HighestRate(int fd, std::uint32_t fourcc, int width, int height) {
  double highest = 0;
  for (__u32 index = 0; index < kMaxEntries; ++index) {
    v4l2_frmivalenum entry{};
    entry.index = index;
    entry.pixel_format = fourcc;
    entry.width = static_cast<__u32>(width);
    entry.height = static_cast<__u32>(height);
    if (V4l2Ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &entry) != 0) break;
    const bool discrete = entry.type == V4L2_FRMIVAL_TYPE_DISCRETE;
    highest = std::max(highest, Rate(discrete ? entry.discrete : entry.stepwise.min));
    if (!discrete) break;
  }
  return highest;
}

/// The size from min, min + step, ... max nearest to `wanted`.
int NearestStep(__u32 min, __u32 max, __u32 step, int wanted) {
  const int low = static_cast<int>(min);
  const int clamped = std::clamp(wanted, low, std::max(low, static_cast<int>(max)));
  const int grid = std::max(1, static_cast<int>(step));
  return low + (clamped - low) / grid * grid;
}

void AddModes(int fd, std::uint32_t fourcc, const VideoFormat& wanted,
              std::vector<V4l2Mode>& modes) {
  const auto add = [&](int width, int height) {
    if (width % 2 != 0 || height % 2 != 0) return;
    modes.push_back({fourcc, width, height, HighestRate(fd, fourcc, width, height)});
  };
  for (__u32 index = 0; index < kMaxEntries; ++index) {
    v4l2_frmsizeenum entry{};
    entry.index = index;
    entry.pixel_format = fourcc;
    if (V4l2Ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &entry) != 0) {
      // Drivers without this list take any size; S_FMT then says what they made of it.
      if (index == 0) add(wanted.width, wanted.height);
      return;
    }
    if (entry.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
      add(static_cast<int>(entry.discrete.width), static_cast<int>(entry.discrete.height));
      continue;
    }
    const v4l2_frmsize_stepwise& range = entry.stepwise;
    add(NearestStep(range.min_width, range.max_width, range.step_width, wanted.width),
        NearestStep(range.min_height, range.max_height, range.step_height, wanted.height));
    return;
  }
}

}  // namespace

std::vector<V4l2Mode> ListV4l2Modes(int fd, const VideoFormat& wanted) {
  std::vector<V4l2Mode> modes;
  for (__u32 index = 0; index < kMaxEntries; ++index) {
    v4l2_fmtdesc entry{};
    entry.index = index;
    entry.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (V4l2Ioctl(fd, VIDIOC_ENUM_FMT, &entry) != 0) break;
    if (std::find(kFormats.begin(), kFormats.end(), entry.pixelformat) == kFormats.end()) continue;
    AddModes(fd, entry.pixelformat, wanted, modes);
  }
  return modes;
}

std::optional<V4l2Mode> ChooseV4l2Mode(std::span<const V4l2Mode> modes, const VideoFormat& wanted) {
  const auto cost = [&wanted](const V4l2Mode& mode) {
    const int distance =
        std::abs(mode.width - wanted.width) + std::abs(mode.height - wanted.height);
    // 29.97 will do for 30; a driver that does not say its rate is believed to reach it.
    const double rate = mode.frame_rate == 0 ? wanted.frame_rate : mode.frame_rate;
    const double shortfall = std::max(0.0, wanted.frame_rate * 0.99 - rate);
    const auto preference =
        std::find(kFormats.begin(), kFormats.end(), mode.fourcc) - kFormats.begin();
    return std::tuple(distance, shortfall, preference);
  };
  const auto best =
      std::min_element(modes.begin(), modes.end(),
                       [&cost](const V4l2Mode& a, const V4l2Mode& b) { return cost(a) < cost(b); });
  if (best == modes.end()) return std::nullopt;
  return *best;
}

}  // namespace boardcast
