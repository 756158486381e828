#include "decode/opus_decoder.h"

#include <opus/opus.h>

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace boardcast {
namespace {

// No packet of one stream is longer: 48 frames of at most 1275 bytes (RFC 6716 section 3.2.5).
constexpr std::size_t kMaxPacket = 48 * 1277;

}  // namespace

bool OpusPacketHasFec(Bytes packet) {
  constexpr std::uint8_t kCeltOnly = 0x80;  // RFC 6716 table 2: configurations 16 to 31.
  if (packet.empty() || packet.size() > kMaxPacket || packet[0] & kCeltOnly) return false;
  const unsigned char* frames[48];
  opus_int16 sizes[48];
  if (opus_packet_parse(packet.data(), static_cast<opus_int32>(packet.size()), nullptr, frames,
                        sizes, nullptr) < 1 ||
      sizes[0] < 1) {
    return false;
  }
  // The SILK part begins with equiprobable bits, which the range coder leaves as they are: for each
  // channel one VAD flag for every 20 ms, then the LBRR flag (RFC 6716 section 4.2.3).
  const int samples = opus_packet_get_samples_per_frame(packet.data(), kSampleRate);
  const int vad_flags = std::max(1, samples / (kSampleRate / 50));
  const std::uint8_t first = frames[0][0];
  const bool middle = first >> (7 - vad_flags) & 1;
  const bool stereo = opus_packet_get_nb_channels(packet.data()) == 2;
  const bool side = stereo && (first >> (6 - 2 * vad_flags) & 1);
  return middle || side;
}

void OpusDecoder::Destroy::operator()(::OpusDecoder* decoder) const {
  opus_decoder_destroy(decoder);
}

Result<std::unique_ptr<OpusDecoder>> OpusDecoder::Create(int channels) {
  if (channels < 1 || channels > kMaxChannels) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "Opus gives 1 or 2 channels, not " + std::to_string(channels)};
  }
  std::unique_ptr<OpusDecoder> decoder(new OpusDecoder(channels));
  int error = OPUS_OK;
  decoder->decoder_.reset(opus_decoder_create(kSampleRate, channels, &error));
  if (error != OPUS_OK) return Error{.code = ErrorCode::kSystem, .message = opus_strerror(error)};
  return decoder;
}

void OpusDecoder::Reset() { opus_decoder_ctl(decoder_.get(), OPUS_RESET_STATE); }

Result<int> OpusDecoder::Run(Bytes packet, bool fec, int samples) {
  const unsigned char* data = packet.empty() ? nullptr : packet.data();
  const int decoded = opus_decode(decoder_.get(), data, static_cast<opus_int32>(packet.size()),
                                  samples_.data(), samples, fec ? 1 : 0);
  if (decoded >= 0) return decoded;
  return Error{.code = ErrorCode::kMalformed, .message = opus_strerror(decoded)};
}

void OpusDecoder::Deal(std::span<AudioBlock> out, bool concealed) const {
  const std::int16_t* from = samples_.data();
  for (AudioBlock& block : out) {
    block.channels = channels_;
    block.concealed = concealed;
    std::copy_n(from, kBlockSamples * channels_, block.samples.data());
    from += kBlockSamples * channels_;
  }
}

Result<int> OpusDecoder::Decode(Bytes packet, std::span<AudioBlock> out) {
  // An empty packet would mean "conceal" to libopus. A lone TOC byte is legal: silence (DTX).
  if (packet.empty() || packet.size() > kMaxPacket) {
    return Error{.code = ErrorCode::kMalformed, .message = "Not an Opus packet"};
  }
  const int samples = opus_packet_get_nb_samples(
      packet.data(), static_cast<opus_int32>(packet.size()), kSampleRate);
  if (samples <= 0) return Error{.code = ErrorCode::kMalformed, .message = "Not an Opus packet"};
  const int blocks = samples / kBlockSamples;
  if (samples % kBlockSamples != 0 || blocks > kMaxBlocks ||
      static_cast<std::size_t>(blocks) > out.size()) {
    return Error{.code = ErrorCode::kUnsupported,
                 .message = "Opus packet of " + std::to_string(samples) +
                            " samples, not a multiple of 10 ms or longer than the room for it"};
  }
  Result<int> decoded = Run(packet, false, samples);
  if (!decoded) return decoded;
  Deal(out.first(blocks), false);
  return blocks;
}

Status OpusDecoder::DecodeFec(Bytes next_packet, std::span<AudioBlock> out) {
  if (!OpusPacketHasFec(next_packet)) return Conceal(out);
  // The copy covers one frame, all or nothing; libopus conceals what lies before it.
  const std::size_t covered =
      opus_packet_get_samples_per_frame(next_packet.data(), kSampleRate) / kBlockSamples;
  if (covered > out.size()) return Conceal(out);
  assert(out.size() <= kMaxBlocks);
  Result<int> decoded = Run(next_packet, true, static_cast<int>(out.size()) * kBlockSamples);
  if (!decoded) return std::move(decoded).error();
  Deal(out, false);
  for (AudioBlock& block : out.first(out.size() - covered)) block.concealed = true;
  return Ok{};
}

Status OpusDecoder::Conceal(std::span<AudioBlock> out) {
  assert(out.size() <= kMaxBlocks);
  if (out.empty()) return Ok{};
  Result<int> decoded = Run({}, false, static_cast<int>(out.size()) * kBlockSamples);
  if (!decoded) return std::move(decoded).error();
  Deal(out, true);
  return Ok{};
}

}  // namespace boardcast
