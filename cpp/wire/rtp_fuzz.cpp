#include <cstdlib>

#include "wire/rtp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  const Bytes packet(data, size);
  IsRtcp(packet);
  const Result<RtpView> view = ParseRtp(packet);
  if (!view.ok()) return 0;
  if (view->header_size + view->payload.size() > size) std::abort();

  std::uint8_t header[kRtpHeaderSize];
  WriteRtpHeader(view->header, header);
  if (ParseRtp(header)->header != view->header) std::abort();
  return 0;
}
