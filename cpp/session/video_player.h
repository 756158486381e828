#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/bounded_queue.h"
#include "base/thread.h"
#include "decode/video_decoder.h"
#include "media/video_frame.h"
#include "observe/duration_histogram.h"
#include "observe/frame_trace.h"
#include "observe/stats_group.h"
#include "play/freeze_detector.h"
#include "play/video_sink.h"
#include "recover/frame_assembler.h"
#include "session/played_media.h"

namespace boardcast {

/// Decodes frames that are due on a thread of its own and hands the pictures to file and
/// application.
/// Queue: 16 frames, refused when full: the decoder is too slow, so everything up to the next key
/// frame is dropped (counted) and one is asked for.
class VideoPlayer {
 public:
  /// Called on the decode thread; must not block.
  struct Callbacks {
    std::function<void(const VideoFrameLease&)> frame;
    std::function<void()> stuck;  ///< Only a key frame helps.
    std::function<void(const Error&)> error;
  };

  /// `file` may be null.
  VideoPlayer(std::unique_ptr<VideoSink> file, Callbacks callbacks, FrameTrace& trace);
  /// Plays what is queued, closes the file.
  ~VideoPlayer();

  /// Network loop.
  void Play(AssembledFrame frame);
  /// A new stream begins.
  void Restart();

  std::optional<PlayedMedia> last_played() const;
  void FillStats(StatsGroup& stats) const;

 private:
  void Run();
  void Decode(AssembledFrame frame);
  void Show(const VideoFrameLease& frame, const AssembledFrame& assembled, Timestamp now);

  std::unique_ptr<VideoSink> file_;
  const Callbacks callbacks_;
  FrameTrace& trace_;
  BoundedQueue<AssembledFrame> queue_;
  bool skip_to_key_ = false;  ///< Network loop only.
  VideoFramePool frames_;
  std::unique_ptr<VideoDecoder> decoder_;

  mutable std::mutex mutex_;  ///< Guards what follows.
  FreezeDetector freezes_;
  DurationHistogram latency_;
  std::optional<PlayedMedia> last_played_;
  std::uint64_t frames_decoded_ = 0;
  std::uint64_t frames_damaged_ = 0;
  std::uint64_t key_frames_decoded_ = 0;
  std::uint64_t frames_dropped_ = 0;
  Duration decode_time_{0};
  int width_ = 0;
  int height_ = 0;
  Thread thread_;  ///< Last: it uses everything above.
};

}  // namespace boardcast
