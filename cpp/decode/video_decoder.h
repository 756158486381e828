#pragma once

#include <string_view>

#include "base/result.h"
#include "media/encoded_chunk.h"
#include "media/video_frame.h"

namespace boardcast {

/// Access units in, pictures out, in the order of decoding and in the same call.
///
/// Thread: any one at a time (the codec thread); no call may overlap another.
class VideoDecoder {
 public:
  virtual ~VideoDecoder() = default;

  /// Decodes `chunk`; the frame carries its times. An empty lease means that it yields no picture:
  /// garbage, nothing to refer to yet, or (mostly) an incomplete chunk, whose loss shows in the
  /// next. `damaged` of the frame is set from the first loss or error on, until a whole key frame.
  /// Errors: kOverflow (no frame free in `pool`: the picture is lost, later ones are not affected),
  /// kUnsupported (a stream that this decoder cannot decode). After an error the decoder can go on.
  virtual Result<VideoFrameLease> Decode(const EncodedChunk& chunk, VideoFramePool& pool) = 0;

  /// Forgets the stream: the next picture comes from a key frame.
  virtual void Reset() = 0;

  /// What `decoderImplementation` shows in the statistics.
  virtual std::string_view name() const = 0;
};

}  // namespace boardcast
