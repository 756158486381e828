#include <cstdlib>

#include "wire/opus_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  const Bytes packet(data, size);
  IsOpusPacketStereo(packet);
  const std::optional<Duration> duration = OpusPacketDuration(packet);
  if (duration && (*duration < 2500us || *duration > 120ms)) std::abort();
  return 0;
}
