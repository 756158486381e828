#include "encode/opus_encoder.h"

#include <opus/opus.h>

#include <algorithm>
#include <string>
#include <utility>

namespace boardcast {
namespace {

constexpr int kComplexity = 5;
constexpr std::int64_t kDefaultBitratePerChannel = 32'000;

/// libopus leaves the FEC copy out when it believes that loss is too rare to pay for it: at
/// 32 kbit/s up to 5 %. One lost packet is already worth it, so it is never told of less than this.
constexpr int kLeastLossToTell = 10;

// libopus never makes a larger frame, whatever the bitrate (RFC 6716 section 3.4, R2).
constexpr std::size_t kMaxPacket = 1275;

}  // namespace

void OpusEncoder::Destroy::operator()(::OpusEncoder* encoder) const {
  opus_encoder_destroy(encoder);
}

Result<std::unique_ptr<OpusEncoder>> OpusEncoder::Create(const OpusEncoderConfig& config) {
  if (config.channels < 1 || config.channels > kMaxChannels) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "Opus takes 1 or 2 channels, not " + std::to_string(config.channels)};
  }
  std::unique_ptr<OpusEncoder> encoder(new OpusEncoder(config.channels));
  int error = OPUS_OK;
  encoder->encoder_.reset(
      opus_encoder_create(kSampleRate, config.channels, OPUS_APPLICATION_AUDIO, &error));
  if (error != OPUS_OK) return Error{.code = ErrorCode::kSystem, .message = opus_strerror(error)};
  opus_encoder_ctl(encoder->encoder_.get(), OPUS_SET_COMPLEXITY(kComplexity));
  const std::int64_t bitrate =
      config.bitrate != 0 ? config.bitrate : kDefaultBitratePerChannel * config.channels;
  if (Status status = encoder->SetBitrate(bitrate); !status) return std::move(status).error();
  encoder->SetPacketLossPercent(0);
  return encoder;
}

void OpusEncoder::SetPacketLossPercent(int percent) {
  const bool lossy = percent > 0;
  ::OpusEncoder* encoder = encoder_.get();
  opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(lossy ? 1 : 0));
  opus_encoder_ctl(
      encoder, OPUS_SET_PACKET_LOSS_PERC(lossy ? std::clamp(percent, kLeastLossToTell, 100) : 0));
  // "Voice" is what makes the library choose a mode with SILK, where FEC lives.
  opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(lossy ? OPUS_SIGNAL_VOICE : OPUS_AUTO));
}

Status OpusEncoder::SetBitrate(std::int64_t bitrate) {
  if (bitrate < 6'000 || bitrate > 510'000) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "Opus bitrate " + std::to_string(bitrate) +
                            " bit/s is not within 6000 to 510000"};
  }
  opus_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(static_cast<opus_int32>(bitrate)));
  return Ok{};
}

void OpusEncoder::Append(const AudioBlock& block) {
  std::int16_t* to = samples_.data() + blocks_ * kBlockSamples * channels_;
  const auto from = block.data();
  if (block.channels == channels_) {
    std::copy(from.begin(), from.end(), to);
  } else if (channels_ == 1) {
    for (int i = 0; i < kBlockSamples; ++i) {
      to[i] = static_cast<std::int16_t>((from[2 * i] + from[2 * i + 1]) / 2);
    }
  } else {
    for (int i = 0; i < kBlockSamples; ++i) to[2 * i] = to[2 * i + 1] = from[i];
  }
  ++blocks_;
}

Result<ChunkLease> OpusEncoder::Encode(const AudioBlock& block, ChunkPool& pool) {
  if (blocks_ == 0) {
    capture_time_ = block.capture_time;
    media_time_us_ = block.media_time_us;
  }
  Append(block);
  if (blocks_ < kPacketBlocks) return ChunkLease();
  blocks_ = 0;

  ChunkLease chunk = pool.Acquire();
  if (!chunk) return Error{.code = ErrorCode::kOverflow, .message = "No free chunk to encode into"};
  chunk->data.resize(kMaxPacket);
  const opus_int32 size =
      opus_encode(encoder_.get(), samples_.data(), kPacketBlocks * kBlockSamples,
                  chunk->data.data(), kMaxPacket);
  if (size < 0) return Error{.code = ErrorCode::kSystem, .message = opus_strerror(size)};
  chunk->data.resize(size);
  chunk->codec = Codec::kOpus;
  chunk->key = true;
  chunk->complete = true;
  chunk->capture_time = capture_time_;
  chunk->duration = TicksToDuration(kPacketBlocks * kBlockSamples, kSampleRate);
  chunk->rtp_timestamp =
      static_cast<std::uint32_t>(DurationToTicks(Duration(media_time_us_), kSampleRate));
  chunk->media_time_us = media_time_us_;
  return chunk;
}

}  // namespace boardcast
