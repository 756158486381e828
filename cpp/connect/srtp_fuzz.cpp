#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "connect/srtp.h"

namespace boardcast {
namespace {

Packet MakePacket(Bytes bytes) {
  Packet packet;
  packet.size = std::min(bytes.size(), kMaxDatagram);
  std::copy_n(bytes.begin(), packet.size, packet.buffer.begin());
  return packet;
}

}  // namespace
}  // namespace boardcast

// Random bytes must be refused, and what we protect ourselves must come back unchanged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  static SrtpReceiver receiver = std::move(SrtpReceiver::Create(SrtpMasterKey{})).value();
  Packet rtp = MakePacket({data, size});
  if (receiver.UnprotectRtp(rtp).ok()) std::abort();
  Packet rtcp = MakePacket({data, size});
  if (receiver.UnprotectRtcp(rtcp).ok()) std::abort();

  SrtpSender sender = std::move(SrtpSender::Create(SrtpMasterKey{})).value();
  SrtpReceiver fresh = std::move(SrtpReceiver::Create(SrtpMasterKey{})).value();
  const Packet plain = MakePacket({data, size});
  Packet packet = plain;
  if (sender.ProtectRtp(packet).ok()) {
    if (!fresh.UnprotectRtp(packet).ok()) std::abort();
    if (!std::ranges::equal(packet.bytes(), plain.bytes())) std::abort();
  }
  packet = plain;
  if (sender.ProtectRtcp(packet).ok()) {
    if (!fresh.UnprotectRtcp(packet).ok()) std::abort();
    if (!std::ranges::equal(packet.bytes(), plain.bytes())) std::abort();
  }
  return 0;
}
