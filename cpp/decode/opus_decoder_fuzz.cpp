#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "decode/opus_decoder.h"

/// Each packet in the input begins with a byte of flags and a byte of length.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto decoder = boardcast::OpusDecoder::Create(size % 2 == 0 ? 1 : 2);
  std::array<boardcast::AudioBlock, boardcast::OpusDecoder::kMaxBlocks> blocks;
  boardcast::ByteReader reader({data, size});
  while (reader.remaining() >= 2) {
    const std::uint8_t flags = reader.U8();
    const std::size_t length = reader.U8();
    const auto packet = reader.Take(length < reader.remaining() ? length : reader.remaining());
    const std::span room = std::span(blocks).first(flags % (blocks.size() + 1));
    switch (flags >> 6) {
      case 0:
        (void)(*decoder)->DecodeFec(packet, room);
        break;
      case 1:
        (void)(*decoder)->Conceal(room);
        break;
      default:
        (void)(*decoder)->Decode(packet, room);
    }
  }
  return 0;
}
