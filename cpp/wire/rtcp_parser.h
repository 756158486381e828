#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"
#include "wire/rtcp.h"

namespace boardcast {

/// Is told what a compound RTCP packet says. Override what concerns you.
class RtcpHandler {
 public:
  virtual ~RtcpHandler() = default;

  virtual void OnSenderReport(const SenderReport& /*report*/) {}
  virtual void OnReportBlock(std::uint32_t /*sender_ssrc*/, const ReportBlock& /*block*/) {}
  /// Called for each sequence number of a generic NACK.
  virtual void OnNack(std::uint32_t /*sender_ssrc*/, std::uint32_t /*media_ssrc*/,
                      std::uint16_t /*sequence_number*/) {}
  virtual void OnPli(std::uint32_t /*sender_ssrc*/, std::uint32_t /*media_ssrc*/) {}
  /// A repeated request has the same `command_sequence` (RFC 5104 section 4.3.1.1).
  virtual void OnFir(std::uint32_t /*sender_ssrc*/, std::uint32_t /*media_ssrc*/,
                     std::uint8_t /*command_sequence*/) {}
  virtual void OnBye(std::uint32_t /*ssrc*/) {}
  /// `cname` points into the packet.
  virtual void OnCname(std::uint32_t /*ssrc*/, std::string_view /*cname*/) {}
};

/// Reads a compound packet, or a reduced-size one (RFC 5506). All of it is checked before the first
/// call of `handler`, so a malformed packet has no effect. Unknown packet, feedback and item types
/// are skipped. RT safe unless it fails.
Status ParseRtcp(Bytes packet, RtcpHandler& handler);

}  // namespace boardcast
