#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "base/bounded_queue.h"
#include "base/thread.h"
#include "encode/video_encoder.h"
#include "media/encoded_chunk.h"
#include "media/video_frame.h"
#include "observe/stats_group.h"

namespace boardcast {

/// Encodes the frames of one track on a thread of its own.
/// Queue: two raw frames, the oldest is dropped (counted): a slow encoder lowers the frame rate and
/// never adds delay.
class VideoEncodeThread {
 public:
  struct Config {
    double frame_rate = 30;
    std::int64_t bitrate = 600'000;  ///< bit/s.
    Duration key_frame_interval{0};  ///< 0: only on request.
  };
  /// Called on the encoder thread; an empty lease tells that the track has ended, once, whether the
  /// encoder works or not.
  using Output = std::function<void(ChunkLease)>;
  using OnError = std::function<void(const Error&)>;

  VideoEncodeThread(Config config, Output output, OnError on_error);
  ~VideoEncodeThread();

  /// Takes a share of the frame. An empty lease ends the stream. Any thread; never waits.
  void Push(const VideoFrameLease& frame);

  void SetBitrate(std::int64_t bitrate) { bitrate_ = bitrate; }
  /// The next frame encoded is a key frame.
  void RequestKeyFrame() { force_key_ = true; }

  /// Adds framesEncoded, keyFramesEncoded, totalEncodeTime, framesDropped, frameWidth, ...
  void FillStats(StatsGroup& stats) const;

 private:
  void Run();
  /// Makes or remakes the encoder for the size of `frame`. False after reporting an error.
  bool Prepare(const VideoFrame& frame);
  void EncodeOne(const VideoFrame& frame);

  const Config config_;
  const Output output_;
  const OnError on_error_;
  BoundedQueue<VideoFrameLease> queue_;
  ChunkPool chunks_;
  std::atomic<std::int64_t> bitrate_;
  std::atomic<bool> force_key_{false};

  // Encoder thread only.
  std::unique_ptr<VideoEncoder> encoder_;
  int width_ = 0;
  int height_ = 0;
  std::int64_t applied_bitrate_ = 0;

  std::atomic<std::uint64_t> frames_encoded_{0};
  std::atomic<std::uint64_t> key_frames_encoded_{0};
  std::atomic<std::uint64_t> encode_micros_{0};
  std::atomic<std::uint64_t> encoded_bytes_{0};
  std::atomic<std::uint32_t> size_{0};  ///< Width << 16 | height, for the statistics.
  Thread thread_;                       ///< Last: it uses everything above.
};

}  // namespace boardcast
