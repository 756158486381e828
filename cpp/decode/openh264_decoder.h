#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "decode/video_decoder.h"

class ISVCDecoder;
struct TagBufferInfo;

namespace boardcast {

/// H.264 Baseline, Main and High (4:2:0, 8 bit) by Cisco's OpenH264, which conceals what is missing
/// by copying from the picture before.
///
/// Pictures with B-frames come in decoding order, so the caller sorts them by media_time_us; they
/// differ slightly from other decoders' (46 to 52 dB), since the library's bi-prediction is
/// inexact. Thread: as VideoDecoder.
class OpenH264Decoder final : public VideoDecoder {
 public:
  static Result<std::unique_ptr<VideoDecoder>> Create();
  ~OpenH264Decoder() override = default;

  Result<VideoFrameLease> Decode(const EncodedChunk& chunk, VideoFramePool& pool) override;
  void Reset() override;
  std::string_view name() const override { return "OpenH264"; }

 private:
  struct Destroy {
    void operator()(ISVCDecoder* decoder) const;
  };
  /// What a picture takes from its chunk, kept until the library hands the picture out.
  struct Pending {
    std::uint64_t serial = 0;
    Timestamp capture_time{};
    std::uint32_t rtp_timestamp = 0;
    std::int64_t media_time_us = 0;
  };

  OpenH264Decoder() = default;
  Status Open();
  /// Hands `chunk` to the library; yields its DECODING_STATE.
  int Run(const EncodedChunk& chunk, TagBufferInfo& info);
  Result<VideoFrameLease> CopyOut(const TagBufferInfo& info, bool damaged, VideoFramePool& pool);

  std::unique_ptr<ISVCDecoder, Destroy> decoder_;
  std::array<Pending, 16> pending_{};
  std::uint64_t serial_ = 0;
  bool incomplete_ = false;  ///< Some chunk since the last whole key frame was not complete.
  bool upset_ = false;       ///< The library met an error since it was last made or clean.
};

}  // namespace boardcast
