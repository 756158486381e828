#include <algorithm>
#include <cstdlib>
#include <vector>

#include "wire/h264_bitstream.h"
#include "wire/h264_depacketizer.h"
#include "wire/h264_packetizer.h"

namespace boardcast {
namespace {

/// All units of an Annex B buffer but delimiters, each behind a four-byte start code.
std::vector<std::uint8_t> Normalized(Bytes annexb) {
  std::vector<std::uint8_t> bytes;
  NalIterator units(annexb);
  for (Bytes nal = units.Next(); !nal.empty(); nal = units.Next()) {
    const std::optional<SpsInfo> sps = ParseSps(nal);
    if (sps && (sps->width <= 0 || sps->height <= 0)) std::abort();
    if (NalTypeOf(nal[0]) == NalType::kAccessUnitDelimiter) continue;
    bytes.insert(bytes.end(), {0, 0, 0, 1});
    bytes.insert(bytes.end(), nal.begin(), nal.end());
  }
  return bytes;
}

}  // namespace
}  // namespace boardcast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  const Bytes annexb(data, size);
  ParseSps(annexb);
  const std::vector<std::uint8_t> sent = Normalized(annexb);

  // Small payloads, so that short inputs are fragmented too. A unit that is no plain one (its type
  // is that of a payload structure) cannot cross, and is refused.
  H264Packetizer packetizer(16);
  H264Depacketizer depacketizer;
  std::vector<std::uint8_t> received;
  std::uint8_t payload[16];
  bool refused = false;
  packetizer.Begin(annexb);
  while (!packetizer.done()) {
    const std::size_t payload_size = packetizer.Next(payload);
    if (payload_size > sizeof(payload)) std::abort();
    refused |= !depacketizer.Append({payload, payload_size}, received).ok();
  }
  depacketizer.OnLoss(received);
  const auto plain = [](Bytes bytes) {
    NalIterator units(bytes);
    for (Bytes nal = units.Next(); !nal.empty(); nal = units.Next()) {
      if (nal[0] >= 0x80 || (nal[0] & 0x1f) == 0 || (nal[0] & 0x1f) > 23) return false;
    }
    return true;
  };
  if (plain(sent) && (refused || received != sent)) std::abort();
  return 0;
}
