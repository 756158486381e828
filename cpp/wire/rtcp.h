#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ntp_time.h"

namespace boardcast {

/// RTCP packet types (RFC 3550 section 12.1, RFC 4585 section 6.1).
namespace rtcp_type {
inline constexpr std::uint8_t kSenderReport = 200;
inline constexpr std::uint8_t kReceiverReport = 201;
inline constexpr std::uint8_t kSourceDescription = 202;
inline constexpr std::uint8_t kBye = 203;
inline constexpr std::uint8_t kTransportFeedback = 205;
inline constexpr std::uint8_t kPayloadFeedback = 206;
}  // namespace rtcp_type

/// Feedback message types: the count field of RTPFB and PSFB packets.
namespace feedback_format {
inline constexpr std::uint8_t kNack = 1;  ///< RTPFB, RFC 4585 section 6.2.1.
inline constexpr std::uint8_t kPli = 1;   ///< PSFB, RFC 4585 section 6.3.1.
inline constexpr std::uint8_t kFir = 4;   ///< PSFB, RFC 5104 section 4.3.1.
}  // namespace feedback_format

inline constexpr std::uint8_t kSdesCname = 1;  ///< Item type, RFC 3550 section 6.5.1.

/// Most report blocks or SSRCs in one RTCP packet: its count field has five bits.
inline constexpr std::size_t kMaxRtcpCount = 31;

/// Sender information of an SR (RFC 3550 section 6.4.1).
struct SenderReport {
  std::uint32_t sender_ssrc = 0;
  NtpTime ntp;
  std::uint32_t rtp_timestamp = 0;  ///< The same instant as `ntp`, on the media clock.
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;  ///< Payload bytes only.

  bool operator==(const SenderReport&) const = default;
};

/// Reception of one stream, as SR and RR carry it (RFC 3550 section 6.4.1).
struct ReportBlock {
  std::uint32_t ssrc = 0;              ///< Of the stream reported on.
  std::uint8_t fraction_lost = 0;      ///< In 1/256, since the last report.
  std::int32_t cumulative_lost = 0;    ///< Negative with duplicates; clamped to 24 bits when sent.
  std::uint32_t highest_sequence = 0;  ///< Number of wraps (16 bits), sequence number (16 bits).
  std::uint32_t jitter = 0;            ///< In ticks of the media clock.
  std::uint32_t last_sr = 0;  ///< NtpTime::Compact() of the last SR received; 0 before the first.
  std::uint32_t delay_since_last_sr = 0;  ///< In 1/65536 s.

  bool operator==(const ReportBlock&) const = default;
};

/// Generic NACK (RFC 4585 section 6.2.1): packets of one stream asked for again.
struct Nack {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::span<const std::uint16_t> sequence_numbers;  ///< In ascending order they pack best.
};

}  // namespace boardcast
