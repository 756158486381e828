#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/time.h"
#include "media/buffer_pool.h"

namespace boardcast {

/// Largest RTP payload that boardcast makes, in bytes (1200 leaves room for SRTP, UDP, IPv6 and a
/// tunnel within an MTU of 1280).
inline constexpr std::size_t kMaxRtpPayload = 1200;

/// Largest datagram handled. Longer ones are truncated by the socket, counted and dropped.
inline constexpr std::size_t kMaxDatagram = 1500;

/// One datagram in a fixed buffer: an RTP or RTCP packet before or after SRTP. The 64 bytes past
/// kMaxDatagram let kernels work in whole vectors without a tail loop.
struct Packet {
  alignas(64) std::array<std::uint8_t, 1600> buffer;
  std::size_t size = 0;
  Timestamp time{};  ///< Receiving: arrival. Sending: when it was handed to the pacer.

  Bytes bytes() const { return {buffer.data(), size}; }
  MutableBytes room() { return {buffer.data(), kMaxDatagram}; }
};

using PacketPool = BufferPool<Packet>;
using PacketLease = Lease<Packet>;

}  // namespace boardcast
