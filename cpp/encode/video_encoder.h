#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "media/encoded_chunk.h"
#include "media/video_frame.h"

namespace boardcast {

struct VideoEncoderConfig {
  int width = 0;                     ///< Luma pixels, even.
  int height = 0;                    ///< Luma pixels, even.
  double frame_rate = 30;            ///< Frames a second; rate control spends bitrate / frame_rate.
  std::int64_t bitrate = 1'000'000;  ///< Bit/s.
  Duration key_frame_interval{0};    ///< Longest time between key frames; 0 = only on request.
  int threads = 1;                   ///< More than one codes as many slices side by side.
};

/// Raw pictures in, one access unit for each out, in the same call and order.
///
/// Thread: any one at a time (the codec thread); no call may overlap another.
class VideoEncoder {
 public:
  virtual ~VideoEncoder() = default;

  /// Codes `frame`, as a key frame if `force_key`. An empty lease means that rate control skipped
  /// the frame. kOverflow (no chunk free in `pool`) leaves the encoder as it was: the next frame
  /// refers to the last one that was coded, so the stream stays whole.
  virtual Result<ChunkLease> Encode(const VideoFrame& frame, bool force_key, ChunkPool& pool) = 0;

  /// Takes effect with the next frame, without a key frame.
  virtual Status SetBitrate(std::int64_t bitrate) = 0;
  virtual Status SetFrameRate(double frame_rate) = 0;

  /// What `encoderImplementation` shows in the statistics.
  virtual std::string_view name() const = 0;
};

}  // namespace boardcast
