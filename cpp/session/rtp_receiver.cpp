#include "session/rtp_receiver.h"

#include <algorithm>
#include <utility>

#include "base/byte_reader.h"
#include "session/rtx_restore.h"
#include "wire/rtcp_builder.h"

namespace boardcast {
namespace {

/// Assembler (1024), FEC ring (512, mostly the same packets), audio, repair packets, arrivals.
constexpr std::size_t kPackets = 2560;
/// Jitter buffer (120), decoder and recorder.
constexpr std::size_t kChunks = 192;
/// Loss must reach the sender's planner quickly (RFC 4585 section 3.4 allows early reports).
constexpr Duration kReportInterval = 500ms;
constexpr Duration kFirstReport = 200ms;
constexpr Duration kStepInterval = 50ms;
/// A lost request costs a whole round trip, so each leaves four times; the sender answers once.
constexpr Duration kRepeatSpacing = 4ms;
constexpr int kRepeats = 3;
/// Longer than anything waits for a lost packet or for its playout time.
constexpr Duration kForever = 60s;

}  // namespace

Result<std::unique_ptr<RtpReceiver>> RtpReceiver::Create(const Config& config,
                                                         RtpReceiverListener& listener) {
  auto srtp_in = SrtpReceiver::Create(config.key);
  if (!srtp_in) return std::move(srtp_in).error();
  auto srtp_out = SrtpSender::Create(config.key);
  if (!srtp_out) return std::move(srtp_out).error();
  return std::unique_ptr<RtpReceiver>(
      new RtpReceiver(config, std::move(*srtp_in), std::move(*srtp_out), listener));
}

RtpReceiver::RtpReceiver(const Config& config, SrtpReceiver srtp_in, SrtpSender srtp_out,
                         RtpReceiverListener& listener)
    : config_(config),
      ssrc_(config.random()),
      listener_(listener),
      srtp_in_(std::move(srtp_in)),
      srtp_out_(std::move(srtp_out)),
      packets_(kPackets),
      chunks_(kChunks) {}

bool RtpReceiver::OnDatagram(PacketLease packet, Timestamp now) {
  now_ = now;
  ++datagrams_received_;
  bytes_received_ += packet->size;
  return IsRtcp(packet->bytes()) ? OnRtcp(*packet) : OnRtp(std::move(packet));
}

bool RtpReceiver::CountFailure(const Error& error) {
  switch (error.code) {
    case ErrorCode::kReplayed:
      ++replayed_;
      break;
    case ErrorCode::kMalformed:
      ++malformed_;
      break;
    default:
      ++srtp_failures_;
  }
  return false;
}

bool RtpReceiver::OnRtcp(Packet& packet) {
  const Status status = srtp_in_.UnprotectRtcp(packet);
  if (!status) return CountFailure(status.error());
  if (!ParseRtcp(packet.bytes(), *this)) ++malformed_;
  return true;
}

bool RtpReceiver::OnRtp(PacketLease packet) {
  HintRollover(packet->bytes());
  const Status status = srtp_in_.UnprotectRtp(*packet);
  if (!status) return CountFailure(status.error());
  const auto view = ParseRtp(packet->bytes());
  if (!view) return CountFailure(view.error());
  if (!next_report_) next_report_ = now_ + kFirstReport;
  switch (view->header.payload_type) {
    case payload_type::kH264:
      OnVideoMedia(std::move(packet), *view);
      break;
    case payload_type::kOpus:
      OnAudioMedia(std::move(packet), *view);
      break;
    case payload_type::kH264Rtx:
      if (video_ && view->header.ssrc == RtxSsrc(video_->ssrc())) video_->OnRtx(*view, now_);
      break;
    case payload_type::kH264Fec:
      if (video_ && view->header.ssrc == FecSsrc(video_->ssrc())) video_->OnFec(*view, now_);
      break;
    case payload_type::kOpusRtx:
      if (audio_ && view->header.ssrc == RtxSsrc(audio_->ssrc())) audio_->OnRtx(*view, now_);
      break;
    default:
      ++malformed_;
  }
  return true;
}

// A stream joined after its sequence number has wrapped needs the number of wraps before its first
// packet can authenticate (RFC 3711 section 3.3.1). Our senders start below 2^15 and count packets
// in their reports, so the extended number lies within [count, count + 2^15] and is unambiguous.
void RtpReceiver::HintRollover(Bytes packet) {
  ByteReader reader(packet);
  reader.Skip(2);
  const std::uint16_t sequence_number = reader.U16();
  reader.Skip(4);
  const std::uint32_t ssrc = reader.U32();
  if (!reader.ok()) return;
  const auto known = std::find_if(
      known_senders_.begin(), known_senders_.end(),
      [ssrc](const KnownSender& sender) { return sender.packet_count > 0 && sender.ssrc == ssrc; });
  if (known == known_senders_.end()) return;
  const std::int64_t middle = static_cast<std::int64_t>(known->packet_count) + 0x4000;
  const std::int64_t extended = UnwrapNear(sequence_number, middle);
  if (extended >= 0) {
    srtp_in_.HintRolloverCounter(ssrc, static_cast<std::uint32_t>(extended >> 16));
  }
}

template <typename Stream>
bool RtpReceiver::MayTakeOver(const Stream* current, std::uint32_t ssrc) const {
  return !current || current->ssrc() == ssrc || now_ - current->last_packet() >= kTakeover;
}

void RtpReceiver::OnVideoMedia(PacketLease packet, const RtpView& view) {
  if (!MayTakeOver(video_.get(), view.header.ssrc)) {
    ++strangers_;
    return;
  }
  if (video_ && video_->ssrc() != view.header.ssrc) StopVideo(StopReason::kTimeout);
  if (!video_) {
    video_ =
        std::make_unique<VideoReceiveStream>(view.header.ssrc, packets_, chunks_, config_.clock);
    listener_.OnStreamStart(MediaKind::kVideo, view.header.ssrc);
  }
  video_->OnMedia(std::move(packet), view, now_);
}

void RtpReceiver::OnAudioMedia(PacketLease packet, const RtpView& view) {
  if (!MayTakeOver(audio_.get(), view.header.ssrc)) {
    ++strangers_;
    return;
  }
  if (audio_ && audio_->ssrc() != view.header.ssrc) StopAudio(StopReason::kTimeout);
  if (!audio_) {
    audio_ = std::make_unique<AudioReceiveStream>(view.header.ssrc, packets_, config_.clock);
    listener_.OnStreamStart(MediaKind::kAudio, view.header.ssrc);
  }
  audio_->OnMedia(std::move(packet), view, now_);
}

void RtpReceiver::StopVideo(StopReason reason) {
  if (!video_) return;
  const std::uint32_t ssrc = video_->ssrc();
  FinishVideo(now_);
  last_video_stats_ = VideoStats();
  video_.reset();
  listener_.OnStreamStop(MediaKind::kVideo, ssrc, reason);
}

void RtpReceiver::StopAudio(StopReason reason) {
  if (!audio_) return;
  const std::uint32_t ssrc = audio_->ssrc();
  FinishAudio();
  last_audio_stats_ = AudioStats();
  audio_.reset();
  listener_.OnStreamStop(MediaKind::kAudio, ssrc, reason);
}

void RtpReceiver::OnSenderReport(const SenderReport& report) {
  const auto known =
      std::find_if(known_senders_.begin(), known_senders_.end(),
                   [&](const KnownSender& sender) { return sender.ssrc == report.sender_ssrc; });
  KnownSender& sender = known != known_senders_.end()
                            ? *known
                            : known_senders_[next_known_++ % known_senders_.size()];
  sender = {report.sender_ssrc, report.packet_count};
  if (video_ && video_->ssrc() == report.sender_ssrc) video_->OnSenderReport(report, now_);
  if (audio_ && audio_->ssrc() == report.sender_ssrc) audio_->OnSenderReport(report, now_);
}

void RtpReceiver::OnBye(std::uint32_t ssrc) {
  if (video_ && video_->ssrc() == ssrc) StopVideo(StopReason::kBye);
  if (audio_ && audio_->ssrc() == ssrc) StopAudio(StopReason::kBye);
}

void RtpReceiver::Poll(Timestamp now, std::vector<PacketLease>& out) {
  now_ = now;
  if (video_ && now - video_->last_packet() >= kTimeout) StopVideo(StopReason::kTimeout);
  if (audio_ && now - audio_->last_packet() >= kTimeout) StopAudio(StopReason::kTimeout);
  video_output_.Clear();
  audio_output_.Clear();
  if (video_) video_->Poll(now, video_output_);
  if (audio_) audio_->Poll(now, audio_output_);

  if (next_report_ && *next_report_ <= now) SendReport(now, out);
  const bool request = video_output_.request_key_frame || !video_output_.nacks.empty() ||
                       !audio_output_.nacks.empty();
  if (request) {
    SendRequest(now, out);
  } else if (repeat_at_ && *repeat_at_ <= now) {
    Emit(last_request_, out);
    repeat_at_ = --repeats_left_ > 0 ? std::optional(now + kRepeatSpacing) : std::nullopt;
  }

  DeliverVideo();
  DeliverAudio();
}

void RtpReceiver::DeliverVideo() {
  for (const ChunkLease& chunk : video_output_.assembled) listener_.OnVideoAssembled(chunk);
  for (AssembledFrame& frame : video_output_.due) listener_.OnVideoDue(std::move(frame));
  video_output_.Clear();
}

void RtpReceiver::DeliverAudio() {
  for (AudioAction& action : audio_output_.due) {
    const auto capture_time = audio_->CaptureTime(action.rtp_timestamp);
    listener_.OnAudioDue(std::move(action), capture_time);
  }
  audio_output_.Clear();
}

// As if time had passed: what is missing is given up, what waits is due.
void RtpReceiver::FinishVideo(Timestamp now) {
  video_output_.Clear();
  video_->Poll(now + kForever, video_output_);
  DeliverVideo();
}

void RtpReceiver::FinishAudio() {
  audio_output_.Clear();
  audio_->Finish(audio_output_);
  DeliverAudio();
}

void RtpReceiver::Finish(Timestamp now) {
  if (video_) FinishVideo(now);
  if (audio_) FinishAudio();
}

void RtpReceiver::SendReport(Timestamp now, std::vector<PacketLease>& out) {
  next_report_ = now + kReportInterval;
  Packet packet;
  RtcpBuilder builder(packet.room());
  std::array<ReportBlock, 2> blocks;
  std::size_t count = 0;
  if (video_) blocks[count++] = video_->MakeReportBlock(now);
  if (audio_) blocks[count++] = audio_->MakeReportBlock(now);
  builder.AddReceiverReport(ssrc_, std::span(blocks).first(count));
  builder.AddCname(ssrc_, config_.cname);
  if (!builder.ok()) return;
  packet.size = builder.size();
  Emit(packet, out);
}

void RtpReceiver::SendRequest(Timestamp now, std::vector<PacketLease>& out) {
  RtcpBuilder builder(last_request_.room());
  builder.AddReceiverReport(ssrc_, {});
  builder.AddCname(ssrc_, config_.cname);
  if (video_output_.request_key_frame) builder.AddPli(ssrc_, video_->ssrc());
  // What does not fit is asked for after the next round trip.
  if (!video_output_.nacks.empty()) {
    builder.AddNack({ssrc_, video_->ssrc(), video_output_.nacks});
  }
  if (!audio_output_.nacks.empty()) {
    builder.AddNack({ssrc_, audio_->ssrc(), audio_output_.nacks});
  }
  if (!builder.ok()) return;
  last_request_.size = builder.size();
  repeat_at_ = now + kRepeatSpacing;
  repeats_left_ = kRepeats;
  Emit(last_request_, out);
}

void RtpReceiver::Emit(const Packet& plain, std::vector<PacketLease>& out) {
  PacketLease packet = packets_.Acquire();
  if (!packet) return;
  std::copy_n(plain.buffer.begin(), plain.size, packet->buffer.begin());
  packet->size = plain.size;
  if (!srtp_out_.ProtectRtcp(*packet)) return;
  ++datagrams_sent_;
  bytes_sent_ += packet->size;
  out.push_back(std::move(packet));
}

void RtpReceiver::SayGoodbye(std::vector<PacketLease>& out) {
  Packet packet;
  RtcpBuilder builder(packet.room());
  builder.AddReceiverReport(ssrc_, {});
  builder.AddCname(ssrc_, config_.cname);
  builder.AddBye({&ssrc_, 1});
  if (!builder.ok()) return;
  packet.size = builder.size();
  Emit(packet, out);
}

std::optional<Timestamp> RtpReceiver::NextDeadline() const {
  std::optional<Timestamp> earliest = next_report_;
  const auto consider = [&earliest](std::optional<Timestamp> other) {
    if (other && (!earliest || *other < *earliest)) earliest = other;
  };
  consider(repeat_at_);
  consider(next_step_);
  if (video_) {
    consider(video_->NextDeadline());
    consider(video_->last_packet() + kTimeout);
  }
  if (audio_) {
    consider(audio_->NextDeadline());
    consider(audio_->last_packet() + kTimeout);
  }
  return earliest;
}

void RtpReceiver::KeepInStep(const std::optional<PlayedMedia>& video,
                             const std::optional<PlayedMedia>& audio, Timestamp now) {
  if (!video_ || !audio_) {
    next_step_.reset();
    return;
  }
  if (next_step_ && now < *next_step_) return;
  next_step_ = now + kStepInterval;
  if (!video || !audio) return;
  const AvSync::Delays delays = av_sync_.Update(
      {video->capture_time, video->playout_time, video_->network_delay()},
      {audio->capture_time, audio->playout_time, audio_->jitter_buffer().network_delay()}, now);
  video_->SetMinimumDelay(delays.video_minimum);
  audio_->SetMinimumDelay(delays.audio_minimum);
}

void RtpReceiver::OnDecoderStuck() {
  if (video_) video_->OnDecoderStuck();
}

StatsGroup RtpReceiver::VideoStats() const {
  if (!video_) return last_video_stats_;
  StatsGroup stats;
  video_->FillStats(stats);
  return stats;
}

StatsGroup RtpReceiver::AudioStats() const {
  if (!audio_) return last_audio_stats_;
  StatsGroup stats;
  audio_->FillStats(stats);
  return stats;
}

void RtpReceiver::FillTransportStats(StatsGroup& stats) const {
  stats.Set("packetsReceived", static_cast<double>(datagrams_received_));
  stats.Set("bytesReceived", static_cast<double>(bytes_received_));
  stats.Set("packetsSent", static_cast<double>(datagrams_sent_));
  stats.Set("bytesSent", static_cast<double>(bytes_sent_));
  stats.Set("srtpFailures", static_cast<double>(srtp_failures_));
  stats.Set("replayedPackets", static_cast<double>(replayed_));
  stats.Set("malformedPackets", static_cast<double>(malformed_));
  stats.Set("avSkewP95", static_cast<double>(av_sync_.skew_p95().count()) / 1e6);
  stats.Set("strangerPackets", static_cast<double>(strangers_));
}

}  // namespace boardcast
