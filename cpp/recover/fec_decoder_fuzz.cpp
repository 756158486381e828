#include <algorithm>
#include <array>
#include <cstdlib>

#include "recover/fec_decoder.h"
#include "wire/rtp.h"

namespace {

using namespace boardcast;

/// A source packet or repair payload of the input's bytes, after a length of one byte.
Bytes TakeBytes(ByteReader& input) {
  return input.Take(std::min<std::size_t>(input.U8(), input.remaining()));
}

PacketLease MakeSource(ByteReader& input, PacketPool& packets) {
  PacketLease packet = packets.Acquire();
  if (!packet) std::abort();
  const Bytes bytes = TakeBytes(input);
  WriteRtpHeader({}, packet->room());
  std::copy(bytes.begin(), bytes.end(), packet->buffer.begin() + kRtpHeaderSize);
  packet->size = kRtpHeaderSize + bytes.size();
  return packet;
}

}  // namespace

// Each step of the input: a source packet a little before or far ahead of the last, or a repair
// packet near it. Whatever a peer sends, nothing is recovered twice, what is recovered is RTP with
// the right sequence number, memory is bounded, and every lease returns.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PacketPool packets(FecDecoder::kSourceRing + kMaxFecSourceCount + 1);
  {
    FecDecoder decoder(packets);
    std::vector<Recovered> out;
    ByteReader input({data, size});
    std::int64_t seq = 65'500;
    while (input.remaining() > 0) {
      const std::uint8_t step = input.U8();
      if ((step & 1) == 0) {
        seq += step == 0xfe ? 400 : static_cast<std::int8_t>(step) / 16;
        decoder.OnSource(seq, MakeSource(input, packets), out);
      } else {
        std::array<std::uint8_t, kFecHeaderSize + 256> payload{};
        FecRepair repair;
        repair.source_count = input.U8() % 64;
        repair.repair_count = input.U8() % 40;
        repair.repair_index = input.U8() % 40;
        repair.base_sequence_number =
            static_cast<std::uint16_t>(seq + static_cast<std::int8_t>(step) / 8);
        repair.symbol = TakeBytes(input);
        decoder.OnRepair(Bytes(payload).first(WriteFecRepair(repair, payload)), 7, out);
      }
      for (const Recovered& recovered : out) {
        const Result<RtpView> view = ParseRtp(recovered.packet->bytes());
        if (!view.ok() || view->header.ssrc != 7) std::abort();
        if (view->header.sequence_number != static_cast<std::uint16_t>(recovered.seq)) std::abort();
        if (decoder.CanStillRecover(recovered.seq)) std::abort();
      }
      out.clear();
      decoder.CanStillRecover(seq - 1);
    }
    const std::uint64_t useless = decoder.discarded_repairs() + decoder.malformed();
    if (useless > decoder.received_repairs()) std::abort();
  }
  if (packets.leased() != 0) std::abort();
  return 0;
}
