#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "media/audio_block.h"
#include "media/encoded_chunk.h"

struct OpusEncoder;  // libopus's own, apart from boardcast::OpusEncoder

namespace boardcast {

struct OpusEncoderConfig {
  int channels = 1;          ///< 1 or 2; blocks of the other kind are mixed down or doubled.
  std::int64_t bitrate = 0;  ///< Bit/s; 0 = 32 kbit/s for mono, 64 kbit/s for stereo.
};

/// Opus packets of 20 ms from blocks of 10 ms (RFC 6716, RFC 7587), 48 kHz.
///
/// The application is AUDIO and not VOIP, whose high-pass filter and formant emphasis spoil
/// everything but speech. With no loss reported it codes in CELT mode, which is best for all sound
/// and cheapest. In-band FEC exists in the SILK layer only, so a reported loss moves it there.
/// Thread: any one at a time (the codec thread). RT safe after Create(), once the chunks have
/// grown.
class OpusEncoder {
 public:
  static Result<std::unique_ptr<OpusEncoder>> Create(const OpusEncoderConfig& config);

  /// Takes one block; every second one completes a packet, which carries the times of its first
  /// sample and, as rtp_timestamp, its media time in samples. Otherwise the lease is empty.
  Result<ChunkLease> Encode(const AudioBlock& block, ChunkPool& pool);

  /// Share of packets that the receiver misses, 0 to 100 %. Above 0 each packet also holds a coarse
  /// copy of the speech in the packet before it (in-band FEC), within the same bitrate.
  void SetPacketLossPercent(int percent);

  /// From 6'000 to 510'000 bit/s; FEC needs about 16'000 for each channel.
  Status SetBitrate(std::int64_t bitrate);

 private:
  static constexpr int kPacketBlocks = 2;

  struct Destroy {
    void operator()(::OpusEncoder* encoder) const;
  };

  explicit OpusEncoder(int channels) : channels_(channels) {}
  void Append(const AudioBlock& block);

  const int channels_;
  std::unique_ptr<::OpusEncoder, Destroy> encoder_;
  std::array<std::int16_t, kPacketBlocks * kBlockSamples * kMaxChannels> samples_{};
  int blocks_ = 0;  ///< Held in samples_.
  Timestamp capture_time_{};
  std::int64_t media_time_us_ = 0;
};

}  // namespace boardcast
