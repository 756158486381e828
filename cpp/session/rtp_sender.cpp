#include "session/rtp_sender.h"

#include <algorithm>
#include <utility>

#include "wire/rtcp_builder.h"

namespace boardcast {
namespace {

/// History (1024), pacer and datagrams on their way out of both streams.
constexpr std::size_t kPackets = 3072;
constexpr Duration kReportInterval = 1s;
/// The first reports come quickly: they carry the clock that latency and lip sync need, and some
/// are lost.
constexpr Duration kEarlyReportInterval = 100ms;
constexpr int kEarlyReports = 5;
/// Requests closer together than this ask for the same key frame.
constexpr Duration kMinKeyFrameSpacing = 250ms;
constexpr std::size_t kMaxPendingTraces = 64;

MediaSendStream::Config StreamConfig(const RtpSender::Config& config, Codec codec) {
  return {.codec = codec,
          .ssrc = config.random(),
          .first_sequence_number = static_cast<std::uint16_t>(config.random() & 0x7fff),
          .first_timestamp = config.random(),
          .epoch = config.now};
}

}  // namespace

Result<std::unique_ptr<RtpSender>> RtpSender::Create(const Config& config,
                                                     RtpSenderListener& listener,
                                                     FrameTrace& trace) {
  auto srtp_out = SrtpSender::Create(config.key);
  if (!srtp_out) return std::move(srtp_out).error();
  auto srtp_in = SrtpReceiver::Create(config.key);
  if (!srtp_in) return std::move(srtp_in).error();
  return std::unique_ptr<RtpSender>(
      new RtpSender(config, std::move(*srtp_out), std::move(*srtp_in), listener, trace));
}

RtpSender::RtpSender(const Config& config, SrtpSender srtp_out, SrtpReceiver srtp_in,
                     RtpSenderListener& listener, FrameTrace& trace)
    : config_(config),
      listener_(listener),
      trace_(trace),
      srtp_out_(std::move(srtp_out)),
      srtp_in_(std::move(srtp_in)),
      packets_(kPackets) {
  SetBitrate(config.bitrate);
  if (config.video) {
    video_.media =
        std::make_unique<MediaSendStream>(StreamConfig(config, Codec::kH264), packets_, pacer_);
  }
  if (config.audio) {
    audio_.media =
        std::make_unique<MediaSendStream>(StreamConfig(config, Codec::kOpus), packets_, pacer_);
  }
  pending_traces_.reserve(kMaxPendingTraces);
}

void RtpSender::SendVideo(const EncodedChunk& chunk, Timestamp now) {
  MediaSendStream& stream = *video_.media;
  stream.SetRepairRatio(protection_.repair_ratio(now), protection_.key_frame_ratio(now));
  const std::uint16_t first = stream.media().next_sequence_number;
  stream.Send(chunk, now);
  if (pending_traces_.size() == kMaxPendingTraces) pending_traces_.erase(pending_traces_.begin());
  pending_traces_.push_back({first,
                             {.rtp_timestamp = stream.media().last_timestamp,
                              .capture_time = chunk.capture_time,
                              .media_time = Duration(chunk.media_time_us),
                              .coded_time = chunk.coded_time,
                              .bytes = chunk.data.size(),
                              .key = chunk.key}});
}

void RtpSender::SendAudio(const EncodedChunk& chunk, Timestamp now) {
  audio_.media->Send(chunk, now);
}

bool RtpSender::OnDatagram(Packet& packet, Timestamp now) {
  ++datagrams_received_;
  bytes_received_ += packet.size;
  // A sender is sent RTCP only.
  if (!IsRtcp(packet.bytes()) || !srtp_in_.UnprotectRtcp(packet).ok()) {
    ++srtp_failures_;
    return false;
  }
  received_at_ = now;
  if (!ParseRtcp(packet.bytes(), *this).ok()) ++malformed_;
  return true;
}

RtpSender::Stream* RtpSender::Find(std::uint32_t media_ssrc) {
  for (Stream* stream : {&video_, &audio_}) {
    if (stream->media && stream->media->IsMine(media_ssrc)) return stream;
  }
  return nullptr;
}

void RtpSender::OnReportBlock(std::uint32_t /*sender_ssrc*/, const ReportBlock& block) {
  Stream* stream = Find(block.ssrc);
  if (!stream) return;
  stream->remote = {block, true};
  if (block.last_sr != 0) {
    // RFC 3550 section 6.4.1: A - LSR - DLSR, in 1/65536 s.
    const std::uint32_t now = config_.clock.ToNtp(received_at_).Compact();
    const auto units = static_cast<std::int32_t>(now - block.last_sr - block.delay_since_last_sr);
    // A negative result is rounding on a very short path.
    round_trip_ = std::max(TicksToDuration(units, 65'536), Duration{0});
    if (stream == &video_) protection_.OnRoundTrip(*round_trip_);
  }
  if (stream == &video_ || !video_.media) {
    protection_.OnLossReport(block.fraction_lost / 256.0, received_at_);
  }
  listener_.OnLoss(block.fraction_lost / 256.0);
}

void RtpSender::OnNack(std::uint32_t /*sender_ssrc*/, std::uint32_t media_ssrc,
                       std::uint16_t sequence) {
  Stream* stream = Find(media_ssrc);
  if (!stream) return;
  stream->media->Retransmit(sequence, protection_.retransmission_copies(), round_trip(),
                            received_at_);
}

void RtpSender::OnPli(std::uint32_t /*sender_ssrc*/, std::uint32_t media_ssrc) {
  if (!video_.media || !video_.media->IsMine(media_ssrc)) return;
  video_.media->OnPli();
  RequestKeyFrame();
}

void RtpSender::OnFir(std::uint32_t /*sender_ssrc*/, std::uint32_t media_ssrc,
                      std::uint8_t command) {
  if (!video_.media || !video_.media->IsMine(media_ssrc) || last_fir_ == command) return;
  last_fir_ = command;
  video_.media->OnFir();
  RequestKeyFrame();
}

void RtpSender::RequestKeyFrame() {
  const Duration spacing = std::max(kMinKeyFrameSpacing, round_trip());
  if (last_key_request_ && received_at_ - *last_key_request_ < spacing) return;
  last_key_request_ = received_at_;
  listener_.OnKeyFrameNeeded();
}

void RtpSender::Poll(Timestamp now, std::vector<PacketLease>& out) {
  for (Stream* stream : {&video_, &audio_}) {
    if (stream->media) stream->media->Poll(now);
  }
  if (!next_report_ && !pacer_.empty()) next_report_ = now;
  if (next_report_ && *next_report_ <= now) {
    SendReports(now, out);
    next_report_ = now + (++reports_ <= kEarlyReports ? kEarlyReportInterval : kReportInterval);
  }
  while (PacketLease packet = pacer_.PopDue(now)) {
    NotePacketSent(packet->bytes(), now);
    Emit(*packet, now, out);
  }
}

void RtpSender::NotePacketSent(Bytes packet, Timestamp now) {
  const auto view = ParseRtp(packet);
  if (!view || view->header.payload_type != payload_type::kH264) return;
  const auto pending =
      std::find_if(pending_traces_.begin(), pending_traces_.end(), [&](const PendingTrace& trace) {
        return trace.first_sequence_number == view->header.sequence_number;
      });
  if (pending == pending_traces_.end()) return;
  pending->record.done_time = now;
  trace_.Add(pending->record);
  pending_traces_.erase(pending);
}

void RtpSender::Emit(const Packet& plain, Timestamp now, std::vector<PacketLease>& out) {
  // The plain packet stays in the history, so encryption works on a copy.
  PacketLease packet = packets_.Acquire();
  if (!packet) {
    ++packets_dropped_;
    return;
  }
  std::copy_n(plain.buffer.begin(), plain.size, packet->buffer.begin());
  packet->size = plain.size;
  packet->time = now;
  const Status protected_packet =
      IsRtcp(plain.bytes()) ? srtp_out_.ProtectRtcp(*packet) : srtp_out_.ProtectRtp(*packet);
  if (!protected_packet.ok()) {
    ++packets_dropped_;
    return;
  }
  ++datagrams_sent_;
  bytes_sent_ += packet->size;
  out.push_back(std::move(packet));
}

void RtpSender::SendReports(Timestamp now, std::vector<PacketLease>& out) {
  for (Stream* stream : {&video_, &audio_}) {
    if (!stream->media || stream->media->media().packets == 0) continue;
    const RtpOutput& media = stream->media->media();
    const int clock_rate = stream == &video_ ? kVideoClockRate : kAudioClockRate;
    const auto since_last = DurationToTicks(now - media.last_time, clock_rate);
    const std::uint32_t timestamp = media.last_timestamp + static_cast<std::uint32_t>(since_last);
    Packet packet;
    RtcpBuilder builder(packet.room());
    // All streams of a track share one clock; their counts also tell a receiver that joins late
    // how often the sequence numbers have wrapped (RtpReceiver::HintRollover).
    for (const RtpOutput* output : {&media, &stream->media->rtx(), &stream->media->fec()}) {
      if (output->packets == 0) continue;
      builder.AddSenderReport({.sender_ssrc = output->ssrc,
                               .ntp = config_.clock.ToNtp(now),
                               .rtp_timestamp = timestamp,
                               .packet_count = output->packets,
                               .octet_count = static_cast<std::uint32_t>(output->payload_bytes)},
                              {});
    }
    builder.AddCname(media.ssrc, config_.cname);
    if (!builder.ok()) continue;
    packet.size = builder.size();
    Emit(packet, now, out);
  }
}

void RtpSender::SayGoodbye(Timestamp now, std::vector<PacketLease>& out) {
  std::vector<std::uint32_t> ssrcs;
  for (Stream* stream : {&video_, &audio_}) {
    if (stream->media) ssrcs.push_back(stream->media->media().ssrc);
  }
  if (ssrcs.empty()) return;
  Packet packet;
  RtcpBuilder builder(packet.room());
  builder.AddReceiverReport(ssrcs.front(), {});
  builder.AddCname(ssrcs.front(), config_.cname);
  builder.AddBye(ssrcs);
  if (!builder.ok()) return;
  packet.size = builder.size();
  Emit(packet, now, out);
}

std::optional<Timestamp> RtpSender::NextDeadline(Timestamp now) const {
  std::optional<Timestamp> earliest = pacer_.NextDeadline(now);
  const auto consider = [&earliest](std::optional<Timestamp> other) {
    if (other && (!earliest || *other < *earliest)) earliest = other;
  };
  consider(next_report_);
  for (const Stream* stream : {&video_, &audio_}) {
    if (stream->media) consider(stream->media->NextDeadline());
  }
  return earliest;
}

void RtpSender::FillRemoteStats(const RemoteReport& remote, int clock_rate,
                                StatsGroup& stats) const {
  if (!remote.known) return;
  stats.Set("packetsLost", remote.block.cumulative_lost);
  stats.Set("fractionLost", remote.block.fraction_lost / 256.0);
  stats.Set("jitter", static_cast<double>(remote.block.jitter) / clock_rate);
  if (round_trip_) stats.Set("roundTripTime", static_cast<double>(round_trip_->count()) / 1e6);
}

void RtpSender::FillVideoStats(StatsGroup& local, StatsGroup& remote) const {
  if (!video_.media) return;
  video_.media->FillStats(local);
  FillRemoteStats(video_.remote, kVideoClockRate, remote);
}

void RtpSender::FillAudioStats(StatsGroup& local, StatsGroup& remote) const {
  if (!audio_.media) return;
  audio_.media->FillStats(local);
  FillRemoteStats(audio_.remote, kAudioClockRate, remote);
}

void RtpSender::FillTransportStats(StatsGroup& stats) const {
  stats.Set("packetsSent", static_cast<double>(datagrams_sent_));
  stats.Set("bytesSent", static_cast<double>(bytes_sent_));
  stats.Set("packetsReceived", static_cast<double>(datagrams_received_));
  stats.Set("bytesReceived", static_cast<double>(bytes_received_));
  stats.Set("srtpFailures", static_cast<double>(srtp_failures_));
  stats.Set("malformedPackets", static_cast<double>(malformed_));
  stats.Set("packetsDropped", static_cast<double>(packets_dropped_));
}

}  // namespace boardcast
