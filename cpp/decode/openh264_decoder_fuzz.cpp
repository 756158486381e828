#include <cstddef>
#include <cstdint>

#include "decode/openh264_decoder.h"

namespace {

/// Reads every pixel, so that a plane that is too small for its size does not go unnoticed.
std::uint64_t Sum(const boardcast::VideoFrame& frame) {
  std::uint64_t sum = 0;
  for (int p = 0; p < frame.plane_count(); ++p) {
    const boardcast::Plane& plane = frame.planes[p];
    for (std::ptrdiff_t y = 0; y < plane.height; ++y) {
      for (int x = 0; x < plane.width; ++x) sum += plane.data[y * plane.stride + x];
    }
  }
  return sum;
}

}  // namespace

/// The input is cut into chunks of which each begins with a length of two bytes and a byte of
/// flags.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static boardcast::VideoFramePool pool(1);
  auto decoder = boardcast::OpenH264Decoder::Create();
  boardcast::ByteReader reader({data, size});
  boardcast::EncodedChunk chunk;
  std::uint64_t sum = 0;
  while (reader.remaining() >= 3) {
    const std::size_t length = reader.U16();
    const std::uint8_t flags = reader.U8();
    const auto bytes = reader.Take(length < reader.remaining() ? length : reader.remaining());
    chunk.data.assign(bytes.begin(), bytes.end());
    chunk.key = flags & 1;
    chunk.complete = flags & 2;
    if (flags & 4) (*decoder)->Reset();
    auto frame = (*decoder)->Decode(chunk, pool);
    if (frame && *frame) sum += Sum(**frame);
  }
  return sum == UINT64_MAX ? -1 : 0;
}
