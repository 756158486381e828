#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ntp_time.h"
#include "connect/srtp.h"
#include "media/encoded_chunk.h"
#include "media/packet.h"
#include "observe/frame_trace.h"
#include "observe/stats_group.h"
#include "qos/protection_controller.h"
#include "send/pacer.h"
#include "session/media_send_stream.h"
#include "wire/rtcp_parser.h"

namespace boardcast {

/// What the sender asks of whoever owns the encoders.
class RtpSenderListener {
 public:
  virtual ~RtpSenderListener() = default;
  /// The receiver cannot go on without a key frame.
  virtual void OnKeyFrameNeeded() = 0;
  /// Share of packets lost before any repair, 0 to 1.
  virtual void OnLoss(double fraction_lost) = 0;
};

/// Everything between coded frames and encrypted datagrams: packetization, FEC, retransmission,
/// pacing, sender reports, SRTP.
///
/// Pure: bytes and `now` in, datagrams and the next deadline out. Thread: bound to the network
/// loop.
class RtpSender : private RtcpHandler {
 public:
  struct Config {
    SrtpMasterKey key;
    ClockMapping clock;
    std::string cname;
    bool video = false;
    bool audio = false;
    std::int64_t bitrate = 600'000;         ///< bit/s of media, for the pacer.
    Duration frame_interval = 33ms;         ///< Likewise.
    std::function<std::uint32_t()> random;  ///< SSRCs and first numbers; unpredictable in products.
    Timestamp now;
  };

  static Result<std::unique_ptr<RtpSender>> Create(const Config& config,
                                                   RtpSenderListener& listener, FrameTrace& trace);

  void SendVideo(const EncodedChunk& chunk, Timestamp now);
  void SendAudio(const EncodedChunk& chunk, Timestamp now);
  void SetBitrate(std::int64_t bitrate) {
    pacer_.SetTargetBitrate(bitrate, config_.frame_interval);
  }

  /// A pool for the datagrams that OnDatagram() reads.
  PacketPool& packets() { return packets_; }

  /// A datagram from the network. Returns whether it was authentic, i.e. from our receiver.
  bool OnDatagram(Packet& packet, Timestamp now);

  /// Appends the encrypted datagrams that are due. Their order is the order of sending.
  void Poll(Timestamp now, std::vector<PacketLease>& out);

  /// Appends the goodbye (RTCP BYE).
  void SayGoodbye(Timestamp now, std::vector<PacketLease>& out);

  /// When Poll() has work again.
  std::optional<Timestamp> NextDeadline(Timestamp now) const;

  /// Nothing waits in the pacer.
  bool idle() const { return pacer_.empty(); }

  /// As measured by the receiver's reports; assumed before the first.
  Duration round_trip() const { return round_trip_.value_or(100ms); }

  void FillVideoStats(StatsGroup& local, StatsGroup& remote) const;
  void FillAudioStats(StatsGroup& local, StatsGroup& remote) const;
  void FillTransportStats(StatsGroup& stats) const;

 private:
  /// What the receiver last reported on one stream.
  struct RemoteReport {
    ReportBlock block;
    bool known = false;
  };
  struct Stream {
    std::unique_ptr<MediaSendStream> media;
    RemoteReport remote;
  };
  /// A frame whose first packet has not left yet.
  struct PendingTrace {
    std::uint16_t first_sequence_number;
    FrameTraceRecord record;
  };

  RtpSender(const Config& config, SrtpSender srtp_out, SrtpReceiver srtp_in,
            RtpSenderListener& listener, FrameTrace& trace);

  void OnReportBlock(std::uint32_t sender_ssrc, const ReportBlock& block) override;
  void OnNack(std::uint32_t sender_ssrc, std::uint32_t media_ssrc, std::uint16_t sequence) override;
  void OnPli(std::uint32_t sender_ssrc, std::uint32_t media_ssrc) override;
  void OnFir(std::uint32_t sender_ssrc, std::uint32_t media_ssrc, std::uint8_t command) override;

  Stream* Find(std::uint32_t media_ssrc);
  void RequestKeyFrame();
  void SendReports(Timestamp now, std::vector<PacketLease>& out);
  void Emit(const Packet& plain, Timestamp now, std::vector<PacketLease>& out);
  void NotePacketSent(Bytes packet, Timestamp now);
  void FillRemoteStats(const RemoteReport& remote, int clock_rate, StatsGroup& stats) const;

  const Config config_;
  RtpSenderListener& listener_;
  FrameTrace& trace_;
  SrtpSender srtp_out_;
  SrtpReceiver srtp_in_;
  PacketPool packets_;
  Pacer pacer_;
  ProtectionController protection_;
  Stream video_;
  Stream audio_;
  std::vector<PendingTrace> pending_traces_;

  Timestamp received_at_{};  ///< `now` of the datagram being handled.
  std::optional<Timestamp> next_report_;
  int reports_ = 0;
  std::optional<Timestamp> last_key_request_;
  std::optional<std::uint8_t> last_fir_;
  std::optional<Duration> round_trip_;
  std::uint64_t datagrams_sent_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t datagrams_received_ = 0;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t srtp_failures_ = 0;
  std::uint64_t malformed_ = 0;
  std::uint64_t packets_dropped_ = 0;
};

}  // namespace boardcast
