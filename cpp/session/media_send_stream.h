#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "media/encoded_chunk.h"
#include "media/packet.h"
#include "observe/stats_group.h"
#include "protect/fec_encoder.h"
#include "send/pacer.h"
#include "send/packet_history.h"
#include "wire/h264_packetizer.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

namespace boardcast {

/// One RTP stream that leaves: sequence numbers and counts.
struct RtpOutput {
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 0;
  std::uint16_t next_sequence_number = 0;
  std::uint32_t last_timestamp = 0;  ///< RTP timestamp of the newest packet...
  Timestamp last_time{};             ///< ...and the time it stands for.
  std::uint32_t packets = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t header_bytes = 0;
};

/// The way of one track's coded frames to plain RTP packets in the pacer: media, its retransmission
/// stream (RFC 4588) and, for video, its repair stream.
/// Pure; thread: bound to the network loop.
class MediaSendStream {
 public:
  struct Config {
    Codec codec = Codec::kH264;
    std::uint32_t ssrc = 0;
    std::uint16_t first_sequence_number = 0;  ///< Below 2^15, see RtpReceiver on rollover counters.
    std::uint32_t first_timestamp = 0;
    Timestamp epoch{};  ///< What first_timestamp stands for.
  };

  MediaSendStream(const Config& config, PacketPool& packets, Pacer& pacer);

  /// Packetizes, protects and hands to the pacer.
  void Send(const EncodedChunk& chunk, Timestamp now);

  /// Answers a NACK: `copies` retransmissions, a few milliseconds apart.
  void Retransmit(std::uint16_t sequence_number, int copies, Duration round_trip, Timestamp now);

  /// Hands over further copies that are due.
  void Poll(Timestamp now);
  std::optional<Timestamp> NextDeadline() const;

  void SetRepairRatio(double ratio, double key_frame_ratio);

  /// RTP timestamp of a capture time on this stream's clock.
  std::uint32_t RtpTimestamp(Timestamp capture_time) const;

  const RtpOutput& media() const { return media_; }
  const RtpOutput& rtx() const { return rtx_; }
  const RtpOutput& fec() const { return fec_; }
  bool IsMine(std::uint32_t ssrc) const { return ssrc == media_.ssrc; }

  void OnPli() { ++pli_count_; }
  void OnFir() { ++fir_count_; }

  void FillStats(StatsGroup& stats) const;

 private:
  struct Copy {
    std::uint16_t sequence_number;
    Timestamp due;
  };

  void SendFrame(const EncodedChunk& chunk, std::uint32_t timestamp, Timestamp now);
  void SendRepair(bool key, std::uint32_t timestamp, Timestamp now);
  void SendRtx(const Packet& original, Timestamp now);
  std::uint32_t AudioTimestamp(const EncodedChunk& chunk);
  /// Fills in the header of `output`'s next packet and counts it.
  static RtpHeader NextHeader(RtpOutput& output, std::uint32_t timestamp, bool marker);
  static void Count(RtpOutput& output, std::size_t payload_size, Timestamp capture_time);

  const Config config_;
  PacketPool& packets_;
  Pacer& pacer_;
  RtpOutput media_;
  RtpOutput rtx_;
  RtpOutput fec_;
  H264Packetizer packetizer_;
  std::optional<FecEncoder> fec_encoder_;  ///< Video only.
  PacketHistory history_;
  std::vector<Copy> copies_;
  std::optional<std::uint32_t> next_audio_timestamp_;
  double repair_ratio_ = 0;
  std::uint64_t frames_sent_ = 0;
  std::uint64_t nack_count_ = 0;
  std::uint64_t pli_count_ = 0;
  std::uint64_t fir_count_ = 0;
  std::uint64_t packets_dropped_ = 0;  ///< The pool was empty.
};

}  // namespace boardcast
