#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "base/time.h"
#include "media/buffer_pool.h"

namespace boardcast {

enum class Codec {
  kH264,  ///< One access unit, Annex B with four-byte start codes; SPS and PPS before an IDR.
  kOpus,  ///< One Opus packet, 48 kHz.
};

/// One coded frame (video) or packet (audio), between codec, network and recorder.
struct EncodedChunk {
  Codec codec = Codec::kH264;
  bool key = false;      ///< Decodable on its own. Always true for Opus.
  bool complete = true;  ///< False: parts were lost on the way and `data` holds what arrived.
  Timestamp capture_time{};
  Timestamp coded_time{};  ///< Sending: the encoder was done. Receiving: its last packet was there.
  Duration duration{0};    ///< 0 when unknown.
  std::uint32_t rtp_timestamp = 0;
  std::int64_t media_time_us = 0;  ///< Position in the source or stream, from 0.
  std::vector<std::uint8_t> data;  ///< Keeps its capacity when the pool hands it out again.

  Bytes bytes() const { return data; }
};

using ChunkPool = BufferPool<EncodedChunk>;
using ChunkLease = Lease<EncodedChunk>;

}  // namespace boardcast
