#include "receive/reception_statistics.h"

#include <algorithm>
#include <cstdlib>

namespace boardcast {
namespace {

/// MAX_DROPOUT of RFC 3550 A.1.
constexpr std::int64_t kMaxJump = 3000;

constexpr std::int64_t kSequenceCycle = 1 << 16;

}  // namespace

std::int64_t ReceptionStatistics::OnPacket(std::uint16_t sequence_number,
                                           std::uint32_t rtp_timestamp, std::int64_t clock_rate,
                                           std::size_t size, Timestamp now) {
  const std::int64_t seq = Unwrap(sequence_number);
  ++packets_received_;
  bytes_received_ += size;
  UpdateJitter(rtp_timestamp, clock_rate, now);
  return seq;
}

void ReceptionStatistics::OnSenderReport(NtpTime ntp, Timestamp now) {
  sender_report_ = LastSenderReport{ntp, now};
}

std::int64_t ReceptionStatistics::packets_lost() const {
  return Expected() - static_cast<std::int64_t>(packets_received_);
}

ReportBlock ReceptionStatistics::MakeReportBlock(Timestamp now) {
  const std::int64_t expected = Expected() - expected_at_report_;
  const std::int64_t received = static_cast<std::int64_t>(packets_received_ - received_at_report_);
  const std::int64_t lost = expected - received;
  expected_at_report_ = Expected();
  received_at_report_ = packets_received_;

  ReportBlock block{};
  block.ssrc = ssrc_;
  if (expected > 0 && lost > 0) {
    block.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost * 256 / expected));
  }
  // The field is 24 bits wide and signed.
  block.cumulative_lost =
      static_cast<std::int32_t>(std::clamp<std::int64_t>(packets_lost(), -0x80'0000, 0x7f'ffff));
  block.highest_sequence = static_cast<std::uint32_t>(highest_.value_or(0));
  block.jitter = static_cast<std::uint32_t>(jitter_ticks_);
  if (sender_report_) {
    block.last_sr = sender_report_->ntp.Compact();
    block.delay_since_last_sr =
        static_cast<std::uint32_t>(DurationToTicks(now - sender_report_->arrival, 1 << 16));
  }
  return block;
}

std::int64_t ReceptionStatistics::Unwrap(std::uint16_t sequence_number) {
  if (!highest_) {
    base_ = sequence_number;
    highest_ = base_;
    return base_;
  }
  const auto step = static_cast<std::int16_t>(
      static_cast<std::uint16_t>(sequence_number - static_cast<std::uint16_t>(*highest_)));
  std::int64_t seq = *highest_ + step;
  if (std::abs(step) > kMaxJump) {
    if (step < 0) seq += kSequenceCycle;
    base_ += seq - *highest_ - 1;
  }
  // A packet from before the first one: the stream began earlier than it seemed.
  base_ = std::min(base_, seq);
  highest_ = std::max(*highest_, seq);
  return seq;
}

void ReceptionStatistics::UpdateJitter(std::uint32_t rtp_timestamp, std::int64_t clock_rate,
                                       Timestamp now) {
  if (clock_rate != clock_rate_) {
    clock_rate_ = clock_rate;
    last_transit_.reset();
  }
  const auto arrival =
      static_cast<std::uint32_t>(DurationToTicks(now.time_since_epoch(), clock_rate));
  const std::uint32_t transit = arrival - rtp_timestamp;
  if (last_transit_) {
    const auto change = static_cast<std::int32_t>(transit - *last_transit_);
    jitter_ticks_ += (std::abs(static_cast<double>(change)) - jitter_ticks_) / 16;
  }
  last_transit_ = transit;
}

}  // namespace boardcast
