#include <algorithm>
#include <array>
#include <cstdlib>

#include "media/packet.h"
#include "wire/rtx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  const Bytes packet(data, size);
  std::array<std::uint8_t, kMaxDatagram> restored;
  std::array<std::uint8_t, kMaxDatagram> wrapped;

  const Result<RtpView> rtx = ParseRtp(packet);
  if (!rtx.ok()) return 0;
  if (RestoreFromRtx(*rtx, 1, 96, restored).ok() && rtx->payload.size() < 2) std::abort();

  // What is wrapped comes back, but for its optional parts.
  const std::size_t wrapped_size = WriteRtx(packet, {.payload_type = 97, .ssrc = 2}, wrapped);
  if (wrapped_size == 0) return 0;
  const RtpHeader& original = rtx->header;
  const Result<std::size_t> restored_size =
      RestoreFromRtx(*ParseRtp(Bytes(wrapped).first(wrapped_size)), original.ssrc,
                     original.payload_type, restored);
  const Result<RtpView> view = ParseRtp(Bytes(restored).first(*restored_size));
  if (view->header != original || !std::ranges::equal(view->payload, rtx->payload)) std::abort();
  return 0;
}
