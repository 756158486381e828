#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ntp_time.h"
#include "base/seq_num.h"
#include "base/time.h"
#include "wire/rtcp.h"

namespace boardcast {

/// What has arrived of one RTP stream, and the report block that tells its sender (RFC 3550 section
/// 6.4.1 and appendices A.1, A.3, A.8).
///
/// Packets are authenticated before they come here, so the first one counts at once, without the
/// probation of A.1. Pure. Thread: network loop.
class ReceptionStatistics {
 public:
  explicit ReceptionStatistics(std::uint32_t ssrc) : ssrc_(ssrc) {}

  /// Counts one packet (`size` bytes) that arrived at `now` and returns its sequence number
  /// unwrapped to 64 bits. A jump of more than 3000 either way is a sender that started anew: the
  /// number then moves forward, and the gap is not counted as loss.
  std::int64_t OnPacket(std::uint16_t sequence_number, std::uint32_t rtp_timestamp,
                        std::int64_t clock_rate, std::size_t size, Timestamp now);

  /// Remembers the sender's clock, which report blocks echo so that it can measure the round trip.
  void OnSenderReport(NtpTime ntp, Timestamp now);

  /// The block for the next report; its fraction lost covers the time since the last call.
  ReportBlock MakeReportBlock(Timestamp now);

  std::uint32_t ssrc() const { return ssrc_; }
  std::uint64_t packets_received() const { return packets_received_; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  /// Expected less received: negative when the network duplicates more than it loses.
  std::int64_t packets_lost() const;
  /// Interarrival jitter (A.8), in seconds.
  double jitter() const { return clock_rate_ > 0 ? jitter_ticks_ / clock_rate_ : 0; }

 private:
  struct LastSenderReport {
    NtpTime ntp;
    Timestamp arrival;
  };

  std::int64_t Unwrap(std::uint16_t sequence_number);
  void UpdateJitter(std::uint32_t rtp_timestamp, std::int64_t clock_rate, Timestamp now);
  std::int64_t Expected() const { return highest_ ? *highest_ - base_ + 1 : 0; }

  const std::uint32_t ssrc_;
  std::int64_t base_ = 0;  ///< First sequence number, moved on by every gap that is not loss.
  std::optional<std::int64_t> highest_;
  std::uint64_t packets_received_ = 0;
  std::uint64_t bytes_received_ = 0;

  std::int64_t clock_rate_ = 0;
  std::optional<std::uint32_t> last_transit_;  ///< Arrival less timestamp, in ticks, modulo 2^32.
  double jitter_ticks_ = 0;

  std::int64_t expected_at_report_ = 0;
  std::uint64_t received_at_report_ = 0;
  std::optional<LastSenderReport> sender_report_;
};

}  // namespace boardcast
