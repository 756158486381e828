#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ntp_time.h"
#include "media/packet.h"
#include "observe/stats_group.h"
#include "receive/reception_statistics.h"
#include "receive/sender_clock.h"
#include "recover/audio_jitter_buffer.h"
#include "recover/nack_tracker.h"
#include "wire/rtp.h"

namespace boardcast {

/// The way of one Opus stream from plain RTP packets to an even playout clock: statistics,
/// retransmission requests, jitter buffer. Pure; thread: bound to the network loop.
class AudioReceiveStream {
 public:
  /// What Poll() has found to do.
  struct Output {
    std::vector<std::uint16_t> nacks;  ///< Packets to ask for, ascending.
    std::vector<AudioAction> due;      ///< To decode and play now.

    void Clear();
  };

  AudioReceiveStream(std::uint32_t ssrc, PacketPool& packets, const ClockMapping& clock);

  void OnMedia(PacketLease packet, const RtpView& view, Timestamp now);
  void OnRtx(const RtpView& view, Timestamp now);
  void OnSenderReport(const SenderReport& report, Timestamp now);

  void Poll(Timestamp now, Output& output);
  /// Everything that has arrived and is not played yet, up to the first gap.
  void Finish(Output& output);
  std::optional<Timestamp> NextDeadline() const;

  void SetMinimumDelay(Duration delay) { jitter_buffer_.SetMinimumDelay(delay); }
  const AudioJitterBuffer& jitter_buffer() const { return jitter_buffer_; }

  std::uint32_t ssrc() const { return statistics_.ssrc(); }
  Timestamp last_packet() const { return last_packet_; }
  ReportBlock MakeReportBlock(Timestamp now) { return statistics_.MakeReportBlock(now); }
  std::optional<Timestamp> CaptureTime(std::uint32_t rtp_timestamp) const {
    return sender_clock_.CaptureTime(rtp_timestamp, clock_);
  }

  void FillStats(StatsGroup& stats) const;

 private:
  PacketPool& packets_;
  const ClockMapping clock_;
  ReceptionStatistics statistics_;
  SenderClock sender_clock_;
  NackTracker nacks_;
  AudioJitterBuffer jitter_buffer_;

  std::optional<std::int64_t> newest_;
  Timestamp last_packet_{};
  std::uint64_t rtx_packets_ = 0;
  std::uint64_t rtx_recovered_ = 0;
  std::uint64_t malformed_ = 0;
  std::vector<std::int64_t> sequence_numbers_;  ///< Reused by each call.
};

}  // namespace boardcast
