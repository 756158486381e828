#include "session/media_send_stream.h"

#include <algorithm>
#include <utility>

#include "wire/fec_payload.h"
#include "wire/rtx.h"

namespace boardcast {
namespace {

/// Between two copies of a retransmission: further apart than one burst on most links.
constexpr Duration kCopySpacing = 5ms;
constexpr std::size_t kMaxCopies = 256;

/// The sound's RTP clock counts samples; it is set anew when that and the capture time part further
/// than this (an overrun, a paused source).
constexpr std::int64_t kMaxAudioSlip = kAudioClockRate / 20;

int ClockRate(Codec codec) { return codec == Codec::kH264 ? kVideoClockRate : kAudioClockRate; }

}  // namespace

MediaSendStream::MediaSendStream(const Config& config, PacketPool& packets, Pacer& pacer)
    : config_(config), packets_(packets), pacer_(pacer) {
  const bool video = config.codec == Codec::kH264;
  media_ = {config.ssrc, video ? payload_type::kH264 : payload_type::kOpus,
            config.first_sequence_number};
  rtx_ = {RtxSsrc(config.ssrc), video ? payload_type::kH264Rtx : payload_type::kOpusRtx,
          config.first_sequence_number};
  fec_ = {FecSsrc(config.ssrc), payload_type::kH264Fec, config.first_sequence_number};
  if (video) fec_encoder_.emplace();
  copies_.reserve(kMaxCopies);
}

void MediaSendStream::SetRepairRatio(double ratio, double key_frame_ratio) {
  repair_ratio_ = ratio;
  fec_encoder_->SetRepairRatio(ratio, key_frame_ratio);
}

std::uint32_t MediaSendStream::RtpTimestamp(Timestamp capture_time) const {
  const std::int64_t ticks =
      DurationToTicks(capture_time - config_.epoch, ClockRate(config_.codec));
  return config_.first_timestamp + static_cast<std::uint32_t>(ticks);
}

std::uint32_t MediaSendStream::AudioTimestamp(const EncodedChunk& chunk) {
  const std::uint32_t by_clock = RtpTimestamp(chunk.capture_time);
  const std::uint32_t counted = next_audio_timestamp_.value_or(by_clock);
  const auto slip = static_cast<std::int32_t>(by_clock - counted);
  const std::uint32_t timestamp = std::abs(slip) > kMaxAudioSlip ? by_clock : counted;
  next_audio_timestamp_ =
      timestamp + static_cast<std::uint32_t>(DurationToTicks(chunk.duration, kAudioClockRate));
  return timestamp;
}

RtpHeader MediaSendStream::NextHeader(RtpOutput& output, std::uint32_t timestamp, bool marker) {
  output.last_timestamp = timestamp;
  return {marker, output.payload_type, output.next_sequence_number++, timestamp, output.ssrc};
}

void MediaSendStream::Count(RtpOutput& output, std::size_t payload_size, Timestamp capture_time) {
  ++output.packets;
  output.payload_bytes += payload_size;
  output.header_bytes += kRtpHeaderSize;
  output.last_time = capture_time;
}

void MediaSendStream::Send(const EncodedChunk& chunk, Timestamp now) {
  const bool video = config_.codec == Codec::kH264;
  const std::uint32_t timestamp = video ? RtpTimestamp(chunk.capture_time) : AudioTimestamp(chunk);
  SendFrame(chunk, timestamp, now);
  if (video) SendRepair(chunk.key, timestamp, now);
  ++frames_sent_;
}

void MediaSendStream::SendFrame(const EncodedChunk& chunk, std::uint32_t timestamp, Timestamp now) {
  const bool video = config_.codec == Codec::kH264;
  if (video) packetizer_.Begin(chunk.bytes());
  bool last = video && packetizer_.done();
  while (!last) {
    PacketLease packet = packets_.Acquire();
    if (!packet) {
      ++packets_dropped_;
      return;
    }
    const MutableBytes room = packet->room().subspan(kRtpHeaderSize);
    std::size_t size = 0;
    if (video) {
      size = packetizer_.Next(room);
      last = packetizer_.done();
    } else {
      // An Opus packet of ours is far below the payload limit; one that is not does not fit RTP.
      if (chunk.data.size() > kMaxRtpPayload) return;
      std::copy(chunk.data.begin(), chunk.data.end(), room.begin());
      size = chunk.data.size();
      last = true;
    }
    const RtpHeader header = NextHeader(media_, timestamp, video && last);
    WriteRtpHeader(header, packet->room());
    packet->size = kRtpHeaderSize + size;
    packet->time = now;
    Count(media_, size, chunk.capture_time);
    if (video) fec_encoder_->AddSource(packet->bytes());
    history_.Add(header.sequence_number, packet.Share(), now);
    pacer_.Enqueue(std::move(packet), video ? PacketClass::kMedia : PacketClass::kAudio, now);
  }
}

void MediaSendStream::SendRepair(bool key, std::uint32_t timestamp, Timestamp now) {
  const int count = fec_encoder_->EndFrame(key);
  for (int index = 0; index < count; ++index) {
    PacketLease packet = packets_.Acquire();
    if (!packet) {
      ++packets_dropped_;
      return;
    }
    const std::size_t size =
        fec_encoder_->WriteRepair(index, packet->room().subspan(kRtpHeaderSize));
    WriteRtpHeader(NextHeader(fec_, timestamp, false), packet->room());
    packet->size = kRtpHeaderSize + size;
    packet->time = now;
    Count(fec_, size, media_.last_time);
    pacer_.Enqueue(std::move(packet), PacketClass::kRepair, now);
  }
}

void MediaSendStream::Retransmit(std::uint16_t sequence_number, int copies, Duration round_trip,
                                 Timestamp now) {
  ++nack_count_;
  const PacketLease* original = history_.Find(sequence_number);
  if (!original || !history_.ShouldRetransmit(sequence_number, now, round_trip)) return;
  SendRtx(**original, now);
  for (int copy = 1; copy < copies && copies_.size() < kMaxCopies; ++copy) {
    copies_.push_back({sequence_number, now + copy * kCopySpacing});
  }
}

void MediaSendStream::SendRtx(const Packet& original, Timestamp now) {
  PacketLease packet = packets_.Acquire();
  if (!packet) {
    ++packets_dropped_;
    return;
  }
  // Marker and timestamp are the original's; WriteRtx sees to that.
  const RtpHeader header = NextHeader(rtx_, 0, false);
  packet->size = WriteRtx(original.bytes(), header, packet->room());
  packet->time = now;
  Count(rtx_, packet->size - kRtpHeaderSize, media_.last_time);
  pacer_.Enqueue(std::move(packet), PacketClass::kRetransmission, now);
}

void MediaSendStream::Poll(Timestamp now) {
  std::erase_if(copies_, [&](const Copy& copy) {
    if (copy.due > now) return false;
    if (const PacketLease* original = history_.Find(copy.sequence_number)) {
      SendRtx(**original, now);
    }
    return true;
  });
}

std::optional<Timestamp> MediaSendStream::NextDeadline() const {
  std::optional<Timestamp> earliest;
  for (const Copy& copy : copies_) earliest = std::min(earliest.value_or(copy.due), copy.due);
  return earliest;
}

void MediaSendStream::FillStats(StatsGroup& stats) const {
  stats.Set("ssrc", media_.ssrc);
  stats.Set("packetsSent", media_.packets + rtx_.packets + fec_.packets);
  stats.Set("mediaPacketsSent", media_.packets);
  stats.Set("bytesSent",
            static_cast<double>(media_.payload_bytes + rtx_.payload_bytes + fec_.payload_bytes));
  stats.Set("mediaBytesSent", static_cast<double>(media_.payload_bytes));
  stats.Set("headerBytesSent",
            static_cast<double>(media_.header_bytes + rtx_.header_bytes + fec_.header_bytes));
  stats.Set("retransmittedPacketsSent", rtx_.packets);
  stats.Set("retransmittedBytesSent", static_cast<double>(rtx_.payload_bytes));
  stats.Set("fecPacketsSent", fec_.packets);
  stats.Set("fecBytesSent", static_cast<double>(fec_.payload_bytes));
  stats.Set("repairRatio", repair_ratio_);
  stats.Set("framesSent", static_cast<double>(frames_sent_));
  stats.Set("nackCount", static_cast<double>(nack_count_));
  stats.Set("pliCount", static_cast<double>(pli_count_));
  stats.Set("firCount", static_cast<double>(fir_count_));
  stats.Set("packetsDropped", static_cast<double>(packets_dropped_));
}

}  // namespace boardcast
