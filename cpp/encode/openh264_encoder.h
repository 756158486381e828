#pragma once

#include <memory>
#include <optional>

#include "encode/video_encoder.h"

class ISVCEncoder;
struct Source_Picture_s;

namespace boardcast {

/// How much time OpenH264 spends on finding better predictions.
enum class EncoderEffort { kLow, kMedium, kHigh };

/// H.264 constrained baseline by Cisco's OpenH264, in its bitrate mode.
///
/// Its settings are those that measured best for calls: background detection and adaptive
/// quantization off, no frame skipping. A key frame is 4 to 6 times as large as the mean frame, and
/// nothing in the library bounds it; the pacer has to spread it.
/// Thread: as VideoEncoder. Pure otherwise: key frames are timed by the capture times of frames.
class OpenH264Encoder final : public VideoEncoder {
 public:
  static Result<std::unique_ptr<VideoEncoder>> Create(const VideoEncoderConfig& config,
                                                      EncoderEffort effort = EncoderEffort::kLow);
  ~OpenH264Encoder() override = default;

  Result<ChunkLease> Encode(const VideoFrame& frame, bool force_key, ChunkPool& pool) override;
  Status SetBitrate(std::int64_t bitrate) override;
  Status SetFrameRate(double frame_rate) override;
  std::string_view name() const override { return "OpenH264"; }

 private:
  struct Destroy {
    void operator()(ISVCEncoder* encoder) const;
  };

  explicit OpenH264Encoder(const VideoEncoderConfig& config) : config_(config) {}
  Status Open(EncoderEffort effort);
  Source_Picture_s Picture(const VideoFrame& frame);
  bool KeyFrameDue(Timestamp capture_time) const;

  VideoEncoderConfig config_;
  std::unique_ptr<ISVCEncoder, Destroy> encoder_;
  VideoFrame planar_;  ///< I420 copy of an NV12 frame.
  std::optional<Timestamp> last_key_;
};

}  // namespace boardcast
