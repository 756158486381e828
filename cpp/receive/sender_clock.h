#pragma once

#include <cstdint>
#include <optional>

#include "base/ntp_time.h"
#include "base/time.h"

namespace boardcast {

/// Maps the RTP timestamps of one stream to the time at which its media was captured, by the pairs
/// of wall clock and RTP clock in sender reports (RFC 3550 section 6.4.1). The streams of one
/// sender mapped this way share a timeline: that is what lip sync compares.
///
/// Pure. Thread: network loop.
class SenderClock {
 public:
  /// The report that arrived last wins. `clock_rate` in Hz.
  void OnSenderReport(NtpTime ntp, std::uint32_t rtp_timestamp, std::int64_t clock_rate) {
    report_ = Report{ntp, rtp_timestamp, clock_rate};
  }

  /// Capture time on the local monotonic clock, as far as the two wall clocks agree; nothing before
  /// the first report. Right for timestamps within 2^31 ticks of the last report's.
  std::optional<Timestamp> CaptureTime(std::uint32_t rtp_timestamp,
                                       const ClockMapping& local) const {
    if (!report_) return std::nullopt;
    const auto ticks = static_cast<std::int32_t>(rtp_timestamp - report_->rtp_timestamp);
    return local.FromNtp(report_->ntp) + TicksToDuration(ticks, report_->clock_rate);
  }

 private:
  struct Report {
    NtpTime ntp;
    std::uint32_t rtp_timestamp;
    std::int64_t clock_rate;
  };

  std::optional<Report> report_;
};

}  // namespace boardcast
