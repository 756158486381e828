#pragma once

#include <cstdint>

#include "capture/source_pacer.h"
#include "capture/test_card.h"
#include "capture/textured_ball.h"
#include "capture/video_source.h"

namespace boardcast {

/// `pattern:` the test picture: panning bars, a rolling ball, fine detail, a running clock, a white
/// square in step with the beep of ToneSource, and the frame number as text and as a barcode
/// (frame_barcode.h).
///
/// Thread: as VideoSource.
class PatternSource : public VideoSource {
 public:
  struct Options {
    int width = 640;   ///< Even, kMinSide to kMaxWidth.
    int height = 360;  ///< Even, kMinSide to kMaxHeight.
    double frame_rate = 30;
    bool paced = true;        ///< False: every frame is due at once.
    std::size_t buffers = 6;  ///< Frames in the pool.
  };

  static constexpr int kMinSide = 64;
  static constexpr int kMaxWidth = 4096;
  static constexpr int kMaxHeight = 2160;

  static Result<std::unique_ptr<PatternSource>> Open(const Options& options);

  const VideoFormat& format() const override { return format_; }
  SourceWait Wait(Timestamp now) override { return {.due = pacer_.NextDue(now)}; }
  Result<VideoFrameLease> Read(Timestamp now) override;
  std::uint64_t skipped() const override { return pacer_.skipped(); }

 private:
  explicit PatternSource(const Options& options);
  void Draw(VideoFrame& frame, std::int64_t index, std::int64_t media_time_us) const;
  void DrawBars(VideoFrame& frame, std::int64_t index) const;
  void DrawClock(VideoFrame& frame, std::int64_t index, std::int64_t media_time_us) const;

  const VideoFormat format_;
  const TestCardLayout layout_;
  const TexturedBall ball_;
  SourcePacer pacer_;
  VideoFramePool pool_;
  VideoFrame card_;  ///< What does not move.
  VideoFrame bars_;  ///< Twice as wide as the picture, so that a panned row is one copy.
};

}  // namespace boardcast
