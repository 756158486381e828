#include <cstdlib>
#include <vector>

#include "wire/h264_bitstream.h"
#include "wire/h264_depacketizer.h"

/// The input is a list of payloads: a byte of control (loss before it, access unit after it), a
/// byte of length, then the payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  ByteReader reader({data, size});
  H264Depacketizer depacketizer;
  std::vector<std::uint8_t> access_unit;
  while (reader.remaining() >= 2) {
    const std::uint8_t control = reader.U8();
    const std::size_t length = reader.U8();
    const Bytes payload = reader.Take(length < reader.remaining() ? length : reader.remaining());
    StartsKeyFrame(payload);
    IsFrameStart(payload);
    if ((control & 1) != 0) depacketizer.OnLoss(access_unit);
    const std::size_t before = access_unit.size();
    if (!depacketizer.Append(payload, access_unit).ok() && access_unit.size() > before) {
      std::abort();
    }
    if ((control & 6) != 6) continue;
    depacketizer.OnLoss(access_unit);
    NalIterator units(access_unit);
    if (!access_unit.empty() && units.Next().empty()) std::abort();
    access_unit.clear();
    depacketizer.Reset();
  }
  return 0;
}
