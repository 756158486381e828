#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/byte_reader.h"
#include "base/result.h"
#include "media/audio_block.h"

struct OpusDecoder;  // libopus's own, apart from boardcast::OpusDecoder

namespace boardcast {

/// Whether `packet` holds a coarse copy of the audio before it (in-band FEC: the LBRR flag of
/// RFC 6716 section 4.2.4). False for anything malformed.
bool OpusPacketHasFec(Bytes packet);

/// Sound from Opus packets (RFC 6716) in blocks of 10 ms at 48 kHz, and in place of lost ones.
///
/// All calls fill blocks from the first on, with samples, `channels` and `concealed`; the times are
/// the caller's. Packets of mono and stereo may alternate: libopus converts to the set channels.
/// Thread: any one at a time (the codec or audio thread). RT safe after Create() but for errors.
class OpusDecoder {
 public:
  /// Longest packet there is (RFC 6716 section 3.2.5): 120 ms.
  static constexpr int kMaxBlocks = 12;

  /// `channels` is 1 or 2.
  static Result<std::unique_ptr<OpusDecoder>> Create(int channels);

  /// Decodes `packet`; yields how many blocks it filled. kMalformed leaves the decoder usable, and
  /// the caller conceals. kUnsupported: its length is not a multiple of 10 ms, or more than `out`.
  Result<int> Decode(Bytes packet, std::span<AudioBlock> out);

  /// Fills `out` with what the lost audio right before `next_packet` was, as far as that packet
  /// holds a copy (see OpusPacketHasFec), else with concealment. `next_packet` itself is decoded
  /// afterwards with Decode(). At most kMaxBlocks.
  Status DecodeFec(Bytes next_packet, std::span<AudioBlock> out);

  /// Fills `out` with sound that continues what came before and fades. At most kMaxBlocks.
  Status Conceal(std::span<AudioBlock> out);

  /// Forgets all sound: the next packet starts a new stream.
  void Reset();

 private:
  struct Destroy {
    void operator()(::OpusDecoder* decoder) const;
  };

  explicit OpusDecoder(int channels) : channels_(channels) {}
  Result<int> Run(Bytes packet, bool fec, int samples);
  void Deal(std::span<AudioBlock> out, bool concealed) const;

  const int channels_;
  std::unique_ptr<::OpusDecoder, Destroy> decoder_;
  std::array<std::int16_t, kMaxBlocks * kBlockSamples * kMaxChannels> samples_{};
};

}  // namespace boardcast
