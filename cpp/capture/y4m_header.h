#pragma once

#include <string_view>

#include "base/result.h"
#include "media/video_frame.h"

namespace boardcast {

/// Longest stream or frame header accepted; real ones have less than 100 bytes.
inline constexpr std::size_t kMaxY4mHeader = 1024;

/// Understands the first line of a YUV4MPEG2 file (without its line end): 8-bit 4:2:0, progressive,
/// even sizes up to 4096 x 2304 pixels. Errors say what is right; the caller adds the file's name.
/// Source of the format: the manual page yuv4mpeg(5) of mjpegtools.
Result<VideoFormat> ParseY4mHeader(std::string_view line);

/// The error for a file of another kind.
Error NotY4m();

/// Whether `line` opens a frame.
bool IsY4mFrameHeader(std::string_view line);

}  // namespace boardcast
