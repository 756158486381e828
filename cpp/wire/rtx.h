#pragma once

#include <cstddef>
#include <cstdint>

#include "base/byte_writer.h"
#include "base/result.h"
#include "wire/rtp.h"

namespace boardcast {

/// Bytes by which a retransmission is longer than its original: the original sequence number.
inline constexpr std::size_t kRtxOverhead = 2;

/// Wraps a sent packet for retransmission (RFC 4588 section 4): header, original sequence number,
/// original payload; no CSRC list, extension or padding. Payload type, sequence number and SSRC are
/// those of `rtx_header`, marker and timestamp those of the original, as the section demands.
/// Returns the size, or 0 if `original` is not RTP or `out` is too small.
std::size_t WriteRtx(Bytes original, const RtpHeader& rtx_header, MutableBytes out);

/// Writes the packet that `rtx` retransmits into `out` and returns its size. What RTX does not
/// carry is handed in: SSRC and payload type of the media stream.
Result<std::size_t> RestoreFromRtx(const RtpView& rtx, std::uint32_t media_ssrc,
                                   std::uint8_t media_payload_type, MutableBytes out);

}  // namespace boardcast
