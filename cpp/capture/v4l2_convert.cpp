#include "capture/v4l2_convert.h"

#include <libyuv.h>
#include <linux/videodev2.h>

#include <array>

namespace boardcast {
namespace {

using Table = std::array<std::uint8_t, 256>;

/// Full range (JPEG) to limited range: `center` stays, `scale` 255ths of the distance remain.
constexpr Table RangeTable(int offset, int center, int scale) {
  Table table{};
  for (int value = 0; value < 256; ++value) {
    const int distance = (value - center) * scale;
    table[value] =
        static_cast<std::uint8_t>(offset + (distance + (distance >= 0 ? 127 : -127)) / 255);
  }
  return table;
}

constexpr Table kLumaTable = RangeTable(16, 0, 219);
constexpr Table kChromaTable = RangeTable(128, 128, 224);

void ToLimitedRange(VideoFrame& frame) {
  for (int p = 0; p < 3; ++p) {
    const Plane& plane = frame.planes[p];
    const Table& table = p == 0 ? kLumaTable : kChromaTable;
    for (int y = 0; y < plane.height; ++y) {
      std::uint8_t* row = plane.data + static_cast<std::ptrdiff_t>(y) * plane.stride;
      for (int x = 0; x < plane.width; ++x) row[x] = table[row[x]];
    }
  }
}

bool ConvertJpeg(Bytes bytes, VideoFrame& frame) {
  const auto& [y, u, v] = frame.planes;
  const int failed =
      libyuv::MJPGToI420(bytes.data(), bytes.size(), y.data, y.stride, u.data, u.stride, v.data,
                         v.stride, frame.width, frame.height, frame.width, frame.height);
  if (failed != 0) return false;
  ToLimitedRange(frame);
  return true;
}

/// Copies the planes that follow each other in `picture`; chroma rows of I420 are half as long.
void CopyPlanes(const V4l2Picture& picture, VideoFrame& frame) {
  const std::uint8_t* from = picture.bytes.data();
  for (int p = 0; p < frame.plane_count(); ++p) {
    const Plane& to = frame.planes[p];
    const int stride =
        p > 0 && frame.pixel_format == PixelFormat::kI420 ? picture.stride / 2 : picture.stride;
    libyuv::CopyPlane(from, stride, to.data, to.stride, to.width, to.height);
    from += static_cast<std::ptrdiff_t>(stride) * to.height;
  }
}

}  // namespace

bool ConvertV4l2Picture(const V4l2Picture& picture, VideoFrame& frame) {
  if (picture.fourcc == V4L2_PIX_FMT_MJPEG) return ConvertJpeg(picture.bytes, frame);

  const std::size_t luma = static_cast<std::size_t>(picture.stride) * frame.height;
  if (picture.fourcc == V4L2_PIX_FMT_YUYV) {
    if (picture.bytes.size() < luma) return false;
    const auto& [y, u, v] = frame.planes;
    return libyuv::YUY2ToI420(picture.bytes.data(), picture.stride, y.data, y.stride, u.data,
                              u.stride, v.data, v.stride, frame.width, frame.height) == 0;
  }
  if (picture.bytes.size() < luma * 3 / 2) return false;
  CopyPlanes(picture, frame);
  return true;
}

}  // namespace boardcast
