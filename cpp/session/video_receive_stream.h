#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ntp_time.h"
#include "media/encoded_chunk.h"
#include "media/packet.h"
#include "observe/stats_group.h"
#include "receive/reception_statistics.h"
#include "receive/sender_clock.h"
#include "recover/fec_decoder.h"
#include "recover/frame_assembler.h"
#include "recover/nack_tracker.h"
#include "recover/video_jitter_buffer.h"
#include "wire/rtp.h"

namespace boardcast {

/// The way of one H.264 stream from plain RTP packets to whole frames at their playout time:
/// statistics, FEC, retransmission requests, assembly, jitter buffer.
/// Pure; thread: bound to the network loop.
class VideoReceiveStream {
 public:
  /// What Poll() has found to do.
  struct Output {
    std::vector<std::uint16_t> nacks;  ///< Packets to ask for, ascending.
    bool request_key_frame = false;
    std::vector<ChunkLease> assembled;  ///< In decoding order, as soon as they are: for recording.
    std::vector<AssembledFrame> due;    ///< To decode and show now.

    void Clear();
  };

  VideoReceiveStream(std::uint32_t ssrc, PacketPool& packets, ChunkPool& chunks,
                     const ClockMapping& clock);

  void OnMedia(PacketLease packet, const RtpView& view, Timestamp now);
  void OnRtx(const RtpView& view, Timestamp now);
  void OnFec(const RtpView& view, Timestamp now);
  void OnSenderReport(const SenderReport& report, Timestamp now);
  /// The decoder could not make a picture and needs a key frame.
  void OnDecoderStuck() { decoder_stuck_ = true; }

  void Poll(Timestamp now, Output& output);
  std::optional<Timestamp> NextDeadline() const;

  void SetMinimumDelay(Duration delay) { jitter_buffer_.SetMinimumDelay(delay); }
  Duration network_delay() const { return jitter_buffer_.network_delay(); }

  std::uint32_t ssrc() const { return statistics_.ssrc(); }
  Timestamp last_packet() const { return last_packet_; }
  Duration round_trip() const { return nacks_.round_trip(); }
  ReportBlock MakeReportBlock(Timestamp now) { return statistics_.MakeReportBlock(now); }
  std::optional<Timestamp> CaptureTime(std::uint32_t rtp_timestamp) const {
    return sender_clock_.CaptureTime(rtp_timestamp, clock_);
  }

  void FillStats(StatsGroup& stats) const;

 private:
  bool Insert(std::int64_t seq, PacketLease packet, Timestamp now);
  void InsertRecovered(Timestamp now);
  void Assemble(Timestamp now, Output& output);
  void ConsiderKeyFrameRequest(Timestamp now, Output& output);

  PacketPool& packets_;
  ChunkPool& chunks_;
  const ClockMapping clock_;
  ReceptionStatistics statistics_;
  SenderClock sender_clock_;
  NackTracker nacks_;
  NackTracker::MayWait may_wait_for_fec_;
  FecDecoder fec_;
  FrameAssembler assembler_;
  VideoJitterBuffer jitter_buffer_;

  std::optional<std::int64_t> newest_;
  std::optional<Timestamp> hold_until_;  ///< Set while FEC may bring back the first packets.
  Timestamp last_packet_{};
  std::optional<Timestamp> last_key_request_;
  bool decoder_stuck_ = false;
  std::uint64_t rtx_packets_ = 0;
  std::uint64_t rtx_recovered_ = 0;
  std::uint64_t fec_recovered_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t pli_count_ = 0;
  std::uint64_t malformed_ = 0;

  // Reused by each call.
  std::vector<Recovered> recovered_;
  std::vector<std::int64_t> sequence_numbers_;
};

}  // namespace boardcast
