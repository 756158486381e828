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
#include "observe/stats_group.h"
#include "play/av_sync.h"
#include "session/audio_receive_stream.h"
#include "session/played_media.h"
#include "session/video_receive_stream.h"
#include "wire/rtcp_parser.h"

namespace boardcast {

enum class MediaKind { kVideo, kAudio };

/// Why a stream counts as over.
enum class StopReason { kBye, kTimeout };

/// Receives what RtpReceiver puts out, on the network loop.
class RtpReceiverListener {
 public:
  virtual ~RtpReceiverListener() = default;
  virtual void OnStreamStart(MediaKind kind, std::uint32_t ssrc) = 0;
  virtual void OnStreamStop(MediaKind kind, std::uint32_t ssrc, StopReason reason) = 0;
  /// A whole or given-up frame in decoding order, as soon as it is there.
  virtual void OnVideoAssembled(const ChunkLease& chunk) = 0;
  /// A frame to decode and show now.
  virtual void OnVideoDue(AssembledFrame frame) = 0;
  /// Sound to decode and play now; `capture_time` once sender reports have come.
  virtual void OnAudioDue(AudioAction action, std::optional<Timestamp> capture_time) = 0;
};

/// Everything between encrypted datagrams and coded media that is due: SRTP, the streams by payload
/// type, reports, retransmission and key-frame requests, senders that stop and start again.
///
/// One video and one audio stream at a time. A sender that was restarted has new SSRCs; it takes
/// over when the old stream has been silent for kTakeover, or has said goodbye. Pure: bytes and
/// `now` in, datagrams and the next deadline out. Thread: bound to the network loop.
class RtpReceiver : private RtcpHandler {
 public:
  static constexpr Duration kTakeover = 500ms;
  static constexpr Duration kTimeout = 2s;

  struct Config {
    SrtpMasterKey key;
    ClockMapping clock;
    std::string cname;
    std::function<std::uint32_t()> random;  ///< SSRC of the reports.
  };

  static Result<std::unique_ptr<RtpReceiver>> Create(const Config& config,
                                                     RtpReceiverListener& listener);

  /// A pool for the packets that OnDatagram() takes.
  PacketPool& packets() { return packets_; }

  /// A datagram from the network. Returns whether it was authentic.
  bool OnDatagram(PacketLease packet, Timestamp now);

  /// Hands what is due to the listener and appends datagrams to send.
  void Poll(Timestamp now, std::vector<PacketLease>& out);

  /// Hands out everything that has arrived, due or not: nothing more will come.
  void Finish(Timestamp now);

  /// Appends the goodbye (RTCP BYE).
  void SayGoodbye(std::vector<PacketLease>& out);

  std::optional<Timestamp> NextDeadline() const;

  /// Keeps lips and voice together by what was played last of each; call before each Poll().
  void KeepInStep(const std::optional<PlayedMedia>& video, const std::optional<PlayedMedia>& audio,
                  Timestamp now);
  void OnDecoderStuck();

  const VideoReceiveStream* video() const { return video_.get(); }
  const AudioReceiveStream* audio() const { return audio_.get(); }
  /// Datagrams that did not authenticate: a wrong key, or forged.
  std::uint64_t srtp_failures() const { return srtp_failures_; }
  std::uint64_t replayed_packets() const { return replayed_; }

  /// Of the stream that is there, or else of the last one that was.
  StatsGroup VideoStats() const;
  StatsGroup AudioStats() const;
  void FillTransportStats(StatsGroup& stats) const;

 private:
  /// What sender reports said of a stream: enough to tell its rollover counter.
  struct KnownSender {
    std::uint32_t ssrc = 0;
    std::uint32_t packet_count = 0;
  };

  RtpReceiver(const Config& config, SrtpReceiver srtp_in, SrtpSender srtp_out,
              RtpReceiverListener& listener);

  void OnSenderReport(const SenderReport& report) override;
  void OnBye(std::uint32_t ssrc) override;

  bool OnRtcp(Packet& packet);
  bool OnRtp(PacketLease packet);
  void HintRollover(Bytes packet);
  bool CountFailure(const Error& error);
  void OnVideoMedia(PacketLease packet, const RtpView& view);
  void OnAudioMedia(PacketLease packet, const RtpView& view);
  template <typename Stream>
  bool MayTakeOver(const Stream* current, std::uint32_t ssrc) const;
  void DeliverVideo();
  void DeliverAudio();
  void FinishVideo(Timestamp now);
  void FinishAudio();
  void StopVideo(StopReason reason);
  void StopAudio(StopReason reason);
  void SendReport(Timestamp now, std::vector<PacketLease>& out);
  void SendRequest(Timestamp now, std::vector<PacketLease>& out);
  void Emit(const Packet& plain, std::vector<PacketLease>& out);

  const Config config_;
  const std::uint32_t ssrc_;
  RtpReceiverListener& listener_;
  SrtpReceiver srtp_in_;
  SrtpSender srtp_out_;
  PacketPool packets_;
  ChunkPool chunks_;
  std::unique_ptr<VideoReceiveStream> video_;
  std::unique_ptr<AudioReceiveStream> audio_;
  StatsGroup last_video_stats_;
  StatsGroup last_audio_stats_;
  VideoReceiveStream::Output video_output_;
  AudioReceiveStream::Output audio_output_;
  std::array<KnownSender, 16> known_senders_{};
  std::size_t next_known_ = 0;

  Timestamp now_{};  ///< Of the datagram being handled.
  AvSync av_sync_;
  std::optional<Timestamp> next_step_;
  std::optional<Timestamp> next_report_;
  std::optional<Timestamp> repeat_at_;
  int repeats_left_ = 0;
  Packet last_request_;  ///< The newest NACK or PLI, plain.
  std::uint64_t datagrams_received_ = 0;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t datagrams_sent_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t srtp_failures_ = 0;
  std::uint64_t replayed_ = 0;
  std::uint64_t malformed_ = 0;
  std::uint64_t strangers_ = 0;  ///< Authentic packets of a second sender while the first is alive.
};

}  // namespace boardcast
