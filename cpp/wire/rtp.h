#pragma once

#include <cstddef>
#include <cstdint>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/result.h"

namespace boardcast {

/// RTP payload types of the `udp` link.
namespace payload_type {
inline constexpr std::uint8_t kH264 = 96;
inline constexpr std::uint8_t kH264Rtx = 97;
inline constexpr std::uint8_t kH264Fec = 98;
inline constexpr std::uint8_t kOpus = 111;
inline constexpr std::uint8_t kOpusRtx = 112;
}  // namespace payload_type

/// The `udp` link has no signalling to say which streams belong together, so their SSRCs do: those
/// of retransmission and repair follow the media stream's.
inline constexpr std::uint32_t RtxSsrc(std::uint32_t media_ssrc) { return media_ssrc + 1; }
inline constexpr std::uint32_t FecSsrc(std::uint32_t media_ssrc) { return media_ssrc + 2; }

/// RTP clock rates in Hz (RFC 6184 section 8.2.1, RFC 7587 section 4.1).
inline constexpr int kVideoClockRate = 90'000;
inline constexpr int kAudioClockRate = 48'000;

/// Size in bytes of the fixed header, the only one that boardcast writes.
inline constexpr std::size_t kRtpHeaderSize = 12;

/// The fields of the fixed RTP header (RFC 3550 section 5.1) that boardcast uses.
struct RtpHeader {
  bool marker = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence_number = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;

  bool operator==(const RtpHeader&) const = default;
};

/// A parsed packet; `payload` points into the bytes that were parsed.
struct RtpView {
  RtpHeader header;
  std::size_t header_size = kRtpHeaderSize;  ///< With CSRC list and header extension.
  Bytes payload;                             ///< Without padding.
};

/// Parses one RTP packet of any sender. RT safe unless it fails.
Result<RtpView> ParseRtp(Bytes packet);

/// Writes the fixed header into the first kRtpHeaderSize bytes of `out`, which has room for them.
void WriteRtpHeader(const RtpHeader& header, MutableBytes out);

/// Whether a datagram on a port that carries both is RTCP rather than RTP (RFC 5761 section 4).
bool IsRtcp(Bytes datagram);

}  // namespace boardcast
