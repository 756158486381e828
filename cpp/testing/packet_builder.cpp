#include "testing/packet_builder.h"

#include <cassert>

#include "base/byte_writer.h"

namespace boardcast {

void BuildRtpPacket(const RtpPacketSpec& spec, Random& random, Packet& packet) {
  ByteWriter writer(packet.room());
  writer.U8(0x80);
  writer.U8(static_cast<std::uint8_t>((spec.marker ? 0x80 : 0) | spec.payload_type));
  writer.U16(spec.sequence_number);
  writer.U32(spec.timestamp);
  writer.U32(spec.ssrc);
  for (std::size_t i = 0; i < spec.payload_size; ++i) {
    writer.U8(static_cast<std::uint8_t>(random.Next()));
  }
  assert(writer.ok());
  packet.size = writer.size();
}

PacketLease BuildRtpPacket(const RtpPacketSpec& spec, Random& random, PacketPool& pool) {
  PacketLease packet = pool.Acquire();
  assert(packet);
  BuildRtpPacket(spec, random, *packet);
  return packet;
}

}  // namespace boardcast
