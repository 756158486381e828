#include <algorithm>
#include <cstdlib>
#include <utility>

#include "recover/frame_assembler.h"

// Each step of the input: how to move the sequence number, header bits, and a payload. Whatever a
// peer sends, frames come in order, memory is bounded, and every lease returns.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  PacketPool packets(FrameAssembler::kWindow + 1);
  ChunkPool chunks(1);
  std::vector<std::int64_t> abandoned;
  {
    FrameAssembler assembler;
    ByteReader input({data, size});
    std::int64_t seq = 65'000;
    Timestamp now(1000s);
    while (input.remaining() > 0) {
      const std::uint8_t step = input.U8();
      const std::uint8_t bits = input.U8();
      const Bytes payload = input.Take(std::min<std::size_t>(input.remaining(), bits & 0x1f));
      seq += step < 250 ? static_cast<std::int8_t>(step) / 8 : 200 * (step - 249);
      now += 5ms;
      if ((bits & 0x80) != 0) {
        assembler.GiveUp(seq, now);
      } else {
        PacketLease packet = packets.Acquire();
        if (!packet) std::abort();
        std::copy(payload.begin(), payload.end(), packet->buffer.begin());
        packet->size = payload.size();
        RtpView view;
        view.header.marker = (bits & 0x40) != 0;
        view.header.timestamp = static_cast<std::uint32_t>(seq / 4 * 3000 + (bits & 0x20));
        view.payload = packet->bytes();
        assembler.Insert(seq, view, std::move(packet), now);
      }
      while (const auto frame = assembler.PopComplete(chunks)) {
        if (frame->chunk->data.empty() || frame->packets == 0) std::abort();
        if (frame->chunk->key && frame->after_loss) std::abort();
        if (!frame->chunk->complete && !frame->after_loss) std::abort();
      }
      abandoned.clear();
      assembler.TakeAbandoned(abandoned);
    }
  }
  if (packets.leased() != 0 || chunks.leased() != 0) std::abort();
  return 0;
}
