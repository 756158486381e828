#include <benchmark/benchmark.h>

#include "base/byte_writer.h"
#include "connect/srtp.h"

namespace boardcast {
namespace {

constexpr std::size_t kPayload = 1200;

Packet MakePacket(std::uint16_t sequence_number) {
  Packet packet{};
  ByteWriter writer(packet.room());
  writer.U16(0x8060);
  writer.U16(sequence_number);
  packet.size = 12 + kPayload;
  return packet;
}

void BM_ProtectRtp(benchmark::State& state) {
  SrtpSender sender = std::move(SrtpSender::Create(SrtpMasterKey{})).value();
  Packet packet = MakePacket(0);
  std::uint16_t sequence_number = 0;
  for (auto _ : state) {
    ByteWriter(MutableBytes(packet.buffer).subspan(2, 2)).U16(sequence_number++);
    packet.size = 12 + kPayload;
    if (!sender.ProtectRtp(packet)) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kPayload));
}
BENCHMARK(BM_ProtectRtp);

// Both ends, with a copy between them as the wire would make it.
void BM_ProtectAndUnprotectRtp(benchmark::State& state) {
  SrtpSender sender = std::move(SrtpSender::Create(SrtpMasterKey{})).value();
  SrtpReceiver receiver = std::move(SrtpReceiver::Create(SrtpMasterKey{})).value();
  std::uint16_t sequence_number = 0;
  for (auto _ : state) {
    Packet packet = MakePacket(sequence_number++);
    if (!sender.ProtectRtp(packet) || !receiver.UnprotectRtp(packet)) {
      state.SkipWithError("refused");
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ProtectAndUnprotectRtp);

}  // namespace
}  // namespace boardcast
