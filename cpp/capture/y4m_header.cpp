#include "capture/y4m_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

namespace boardcast {
namespace {

constexpr std::string_view kMagic = "YUV4MPEG2";
constexpr int kMaxSide = 8192;
constexpr int kMaxPixels = 4096 * 2304;
constexpr double kMaxFrameRate = 1000;

Error Unsupported(std::string message) { return {ErrorCode::kUnsupported, std::move(message)}; }
Error Malformed(std::string message) { return {ErrorCode::kMalformed, std::move(message)}; }

std::optional<int> ParseNumber(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// "30000:1001"; 0:0 means unknown and leaves the default.
Status ParseFrameRate(std::string_view text, double& frame_rate) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Malformed("frame rate F" + std::string(text));
  const auto over = ParseNumber(text.substr(0, colon));
  const auto under = ParseNumber(text.substr(colon + 1));
  if (!over || !under) return Malformed("frame rate F" + std::string(text));
  if (*over == 0 && *under == 0) return Ok{};
  if (*over == 0 || *under == 0) return Malformed("frame rate F" + std::string(text));
  frame_rate = static_cast<double>(*over) / *under;
  if (frame_rate < 0.1 || frame_rate > kMaxFrameRate) {
    return Unsupported("frame rate F" + std::string(text) + "; 0.1 to 1000 frames/s are supported");
  }
  return Ok{};
}

Status CheckChroma(std::string_view chroma) {
  constexpr std::array<std::string_view, 4> kSupported = {"420", "420jpeg", "420mpeg2", "420paldv"};
  if (std::find(kSupported.begin(), kSupported.end(), chroma) != kSupported.end()) return Ok{};
  return Unsupported("pixel format C" + std::string(chroma) +
                     "; only 8-bit 4:2:0 is supported (C420jpeg, C420mpeg2, C420paldv): convert it "
                     "with ffmpeg -i IN -pix_fmt yuv420p OUT.y4m");
}

Status CheckInterlacing(std::string_view mode) {
  if (mode == "p" || mode == "?") return Ok{};
  return Unsupported("interlaced video (I" + std::string(mode) +
                     "); deinterlace it first, for example with ffmpeg -i IN -vf bwdif OUT.y4m");
}

Status CheckSize(const VideoFormat& format) {
  const int width = format.width;
  const int height = format.height;
  if (width == 0 || height == 0) return Malformed("the header gives no frame size (W and H)");
  const bool fits = width <= kMaxSide && height <= kMaxSide && width % 2 == 0 && height % 2 == 0 &&
                    width >= 16 && height >= 16 && width * height <= kMaxPixels;
  if (fits) return Ok{};
  return Unsupported("frame size " + std::to_string(width) + "x" + std::to_string(height) +
                     "; width and height must be even, at least 16, and together at most "
                     "4096x2304 pixels");
}

Status ParseTag(std::string_view tag, VideoFormat& format) {
  const std::string_view value = tag.substr(1);
  switch (tag.front()) {
    case 'W':
    case 'H': {
      const auto number = ParseNumber(value);
      if (!number) return Malformed("frame size " + std::string(tag));
      (tag.front() == 'W' ? format.width : format.height) = *number;
      return Ok{};
    }
    case 'F':
      return ParseFrameRate(value, format.frame_rate);
    case 'I':
      return CheckInterlacing(value);
    case 'C':
      return CheckChroma(value);
    default:
      return Ok{};  // Aspect ratio, comments and what may come later.
  }
}

}  // namespace

Error NotY4m() {
  return Malformed("this is not a Y4M file: it does not begin with a YUV4MPEG2 header");
}

Result<VideoFormat> ParseY4mHeader(std::string_view line) {
  if (!line.starts_with(kMagic) || (line.size() > kMagic.size() && line[kMagic.size()] != ' ')) {
    return NotY4m();
  }
  line.remove_prefix(kMagic.size());
  VideoFormat format;
  while (!line.empty()) {
    const std::size_t size = std::min(line.find(' '), line.size());
    if (size > 0) {
      const Status status = ParseTag(line.substr(0, size), format);
      if (!status) return status.error();
    }
    line.remove_prefix(std::min(size + 1, line.size()));
  }
  const Status status = CheckSize(format);
  if (!status) return status.error();
  return format;
}

bool IsY4mFrameHeader(std::string_view line) {
  constexpr std::string_view kFrame = "FRAME";
  return line == kFrame || (line.starts_with(kFrame) && line[kFrame.size()] == ' ');
}

}  // namespace boardcast
