#pragma once

#include <cstddef>
#include <cstdint>

#include "media/packet.h"
#include "testing/random.h"

namespace boardcast {

/// What BuildRtpPacket() writes: the fixed RTP header and random payload.
struct RtpPacketSpec {
  std::uint8_t payload_type = 96;
  bool marker = false;
  std::uint16_t sequence_number = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0x1234'5678;
  std::size_t payload_size = 100;  ///< Bytes.
};

/// Writes an RTP packet with a payload from `random` into `packet`.
void BuildRtpPacket(const RtpPacketSpec& spec, Random& random, Packet& packet);

/// The same in a buffer of `pool`, which must not be exhausted.
PacketLease BuildRtpPacket(const RtpPacketSpec& spec, Random& random, PacketPool& pool);

}  // namespace boardcast
