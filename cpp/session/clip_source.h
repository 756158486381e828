#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bounded_queue.h"
#include "capture/video_source.h"
#include "decode/video_decoder.h"
#include "media/encoded_chunk.h"
#include "session/source_waiter.h"

namespace boardcast {

/// A recorded H.264 clip played as if it were a camera: coded frames are pushed in decoding order,
/// decoded, put into the order of their times, and paced by these.
/// Queue: 60 chunks (2 s at 30 fps), refused when full; `on_room` tells when half is free again.
///
/// Thread: PushChunk() and EndChunks() from one controlling thread, the rest as VideoSource.
class ClipSource final : public VideoSource {
 public:
  static constexpr std::size_t kQueuedChunks = 60;

  /// `format` is nominal. Unpaced: a frame is due as soon as it is decoded. `on_room` is called on
  /// the capture thread.
  static Result<std::unique_ptr<ClipSource>> Create(const VideoFormat& format, bool paced,
                                                    std::function<void()> on_room);

  /// Copies an Annex B access unit; `media_time` is its presentation time. False: full.
  bool PushChunk(Bytes data, bool key, Duration media_time, Duration duration);
  /// No more will come: the source ends after what was pushed.
  void EndChunks();

  const VideoFormat& format() const override { return format_; }
  SourceWait Wait(Timestamp now) override;
  Result<VideoFrameLease> Read(Timestamp now) override;
  std::uint64_t skipped() const override { return skipped_; }

 private:
  ClipSource(const VideoFormat& format, bool paced, std::function<void()> on_room,
             std::unique_ptr<VideoDecoder> decoder);
  /// Decodes until a frame is certainly the next one to show, or nothing is left to decode.
  Status FillReorder();
  bool FrameReady() const;
  Timestamp Due(const VideoFrame& frame, Timestamp now);

  const VideoFormat format_;
  const bool paced_;
  const std::function<void()> on_room_;
  const std::unique_ptr<VideoDecoder> decoder_;
  BoundedQueue<ChunkLease> queue_;
  Credits queued_;  ///< One for each chunk in queue_, and one more for the end.
  ChunkPool chunks_;
  VideoFramePool frames_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> wants_room_{false};

  // Capture thread only.
  std::vector<VideoFrameLease> reorder_;  ///< Ascending in media time.
  std::optional<Timestamp> start_;        ///< When media time 0 is due.
  std::uint64_t skipped_ = 0;
};

}  // namespace boardcast
