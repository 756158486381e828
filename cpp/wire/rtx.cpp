#include "wire/rtx.h"

#include "base/byte_reader.h"

namespace boardcast {
namespace {

/// Writes a fixed header; false if it does not fit.
bool WriteHeader(const RtpHeader& header, ByteWriter& writer) {
  const MutableBytes place = writer.Reserve(kRtpHeaderSize);
  if (place.empty()) return false;
  WriteRtpHeader(header, place);
  return true;
}

}  // namespace

std::size_t WriteRtx(Bytes original, const RtpHeader& rtx_header, MutableBytes out) {
  const Result<RtpView> view = ParseRtp(original);
  if (!view.ok()) return 0;
  RtpHeader header = rtx_header;
  header.marker = view->header.marker;
  header.timestamp = view->header.timestamp;

  ByteWriter writer(out);
  if (!WriteHeader(header, writer)) return 0;
  writer.U16(view->header.sequence_number);
  writer.Write(view->payload);
  return writer.ok() ? writer.size() : 0;
}

Result<std::size_t> RestoreFromRtx(const RtpView& rtx, std::uint32_t media_ssrc,
                                   std::uint8_t media_payload_type, MutableBytes out) {
  ByteReader reader(rtx.payload);
  RtpHeader header = rtx.header;
  header.sequence_number = reader.U16();
  header.ssrc = media_ssrc;
  header.payload_type = media_payload_type;
  if (!reader.ok()) {
    return Error{ErrorCode::kMalformed, "RTX packet has no original sequence number"};
  }

  ByteWriter writer(out);
  if (WriteHeader(header, writer)) writer.Write(reader.Rest());
  if (!writer.ok()) return Error{ErrorCode::kOverflow, "RTX packet is larger than a packet buffer"};
  return writer.size();
}

}  // namespace boardcast
