#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/byte_writer.h"
#include "wire/rtcp.h"

namespace boardcast {

/// Builds one compound RTCP packet (RFC 3550 section 6.1) in a buffer of the caller: first a
/// report, then a CNAME, then the rest. An SR or RR has at most kMaxRtcpCount blocks. What does not
/// fit makes ok() false for good; size() then means nothing. Thread-bound.
class RtcpBuilder {
 public:
  explicit RtcpBuilder(MutableBytes buffer) : writer_(buffer) {}

  void AddSenderReport(const SenderReport& report, std::span<const ReportBlock> blocks);
  void AddReceiverReport(std::uint32_t sender_ssrc, std::span<const ReportBlock> blocks);
  /// Names longer than 255 bytes are cut.
  void AddCname(std::uint32_t ssrc, std::string_view cname);
  /// Adds as many sequence numbers as there is room for and returns how many; the rest is for
  /// another compound packet.
  std::size_t AddNack(const Nack& nack);
  void AddPli(std::uint32_t sender_ssrc, std::uint32_t media_ssrc);
  void AddBye(std::span<const std::uint32_t> ssrcs);

  bool ok() const { return writer_.ok(); }
  std::size_t size() const { return writer_.size(); }

 private:
  void Header(std::uint8_t count, std::uint8_t type, std::size_t size);
  void Blocks(std::span<const ReportBlock> blocks);

  ByteWriter writer_;
};

}  // namespace boardcast
