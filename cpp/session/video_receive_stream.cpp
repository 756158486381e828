#include "session/video_receive_stream.h"

#include <algorithm>
#include <utility>

#include "session/rtx_restore.h"
#include "wire/fec_payload.h"

namespace boardcast {
namespace {

/// A request and its answer need a round trip; closer requests only ask for the same key frame.
constexpr Duration kMinKeyRequestInterval = 250ms;

/// A stream that does not begin with a key frame may only have lost its first packets. FEC, which
/// follows a paced key frame, gets so long to bring them back before a new one is asked for.
constexpr Duration kStartHold = 100ms;

}  // namespace

void VideoReceiveStream::Output::Clear() {
  nacks.clear();
  request_key_frame = false;
  assembled.clear();
  due.clear();
}

VideoReceiveStream::VideoReceiveStream(std::uint32_t ssrc, PacketPool& packets, ChunkPool& chunks,
                                       const ClockMapping& clock)
    : packets_(packets),
      chunks_(chunks),
      clock_(clock),
      statistics_(ssrc),
      may_wait_for_fec_([this](std::int64_t seq) { return fec_.CanStillRecover(seq); }),
      fec_(packets) {}

void VideoReceiveStream::OnMedia(PacketLease packet, const RtpView& view, Timestamp now) {
  const std::int64_t seq = statistics_.OnPacket(view.header.sequence_number, view.header.timestamp,
                                                kVideoClockRate, packet->size, now);
  if (!newest_ && !StartsWithSps(view.payload)) hold_until_ = now + kStartHold;
  newest_ = std::max(newest_.value_or(seq), seq);
  last_packet_ = now;
  nacks_.OnPacket(seq, now);
  if (!Insert(seq, std::move(packet), now)) ++duplicates_;
  InsertRecovered(now);
}

void VideoReceiveStream::OnRtx(const RtpView& view, Timestamp now) {
  last_packet_ = now;
  ++rtx_packets_;
  if (!newest_) return;
  auto restored = RestorePacket(view, ssrc(), payload_type::kH264, *newest_, packets_, now);
  if (!restored) {
    ++malformed_;
    return;
  }
  nacks_.OnRecovered(restored->seq, now, true);
  if (Insert(restored->seq, std::move(restored->packet), now)) ++rtx_recovered_;
  InsertRecovered(now);
}

void VideoReceiveStream::OnFec(const RtpView& view, Timestamp now) {
  last_packet_ = now;
  if (!newest_) return;
  if (const auto repair = ParseFecRepair(view.payload)) {
    // The block's packets have all been sent: a lost tail shows before the next frame.
    const auto last =
        static_cast<std::uint16_t>(repair->base_sequence_number + repair->source_count - 1);
    nacks_.OnSent(UnwrapNear(last, *newest_), now);
  }
  fec_.OnRepair(view.payload, ssrc(), recovered_);
  InsertRecovered(now);
}

void VideoReceiveStream::OnSenderReport(const SenderReport& report, Timestamp now) {
  statistics_.OnSenderReport(report.ntp, now);
  sender_clock_.OnSenderReport(report.ntp, report.rtp_timestamp, kVideoClockRate);
}

bool VideoReceiveStream::Insert(std::int64_t seq, PacketLease packet, Timestamp now) {
  const auto view = ParseRtp(packet->bytes());
  if (!view) {
    ++malformed_;
    return false;
  }
  if (!assembler_.Insert(seq, *view, packet.Share(), now)) return false;
  fec_.OnSource(seq, packet, recovered_);
  return true;
}

void VideoReceiveStream::InsertRecovered(Timestamp now) {
  // Inserting one packet may let FEC recover another, which is then appended.
  for (std::size_t i = 0; i < recovered_.size(); ++i) {
    const std::int64_t seq = recovered_[i].seq;
    PacketLease packet = std::move(recovered_[i].packet);
    nacks_.OnRecovered(seq, now, false);
    newest_ = std::max(*newest_, seq);
    if (Insert(seq, std::move(packet), now)) ++fec_recovered_;
  }
  recovered_.clear();
}

void VideoReceiveStream::Poll(Timestamp now, Output& output) {
  sequence_numbers_.clear();
  nacks_.Poll(now, sequence_numbers_, may_wait_for_fec_);
  for (const std::int64_t seq : sequence_numbers_) {
    output.nacks.push_back(static_cast<std::uint16_t>(seq));
  }
  sequence_numbers_.clear();
  nacks_.TakeGivenUp(sequence_numbers_);
  for (const std::int64_t seq : sequence_numbers_) assembler_.GiveUp(seq, now);
  if (hold_until_ && now < *hold_until_) return;
  hold_until_.reset();
  Assemble(now, output);
  ConsiderKeyFrameRequest(now, output);
}

void VideoReceiveStream::Assemble(Timestamp now, Output& output) {
  while (auto frame = assembler_.PopComplete(chunks_)) {
    EncodedChunk& chunk = *frame->chunk;
    chunk.coded_time = frame->completed;
    chunk.media_time_us = TicksToDuration(frame->unwrapped_rtp_timestamp, kVideoClockRate).count();
    if (const auto captured = CaptureTime(chunk.rtp_timestamp)) chunk.capture_time = *captured;
    output.assembled.push_back(frame->chunk.Share());
    jitter_buffer_.Push(std::move(*frame));
  }
  assembler_.SetPlayoutDelay(jitter_buffer_.target_delay());
  sequence_numbers_.clear();
  assembler_.TakeAbandoned(sequence_numbers_);
  for (const std::int64_t seq : sequence_numbers_) nacks_.Forget(seq);
  while (auto frame = jitter_buffer_.PopDue(now)) {
    if (frame->chunk->key && frame->chunk->complete) decoder_stuck_ = false;
    output.due.push_back(std::move(*frame));
  }
}

void VideoReceiveStream::ConsiderKeyFrameRequest(Timestamp now, Output& output) {
  if (jitter_buffer_.TakeKeyFrameRequest()) decoder_stuck_ = true;
  if (!assembler_.needs_key_frame() && !decoder_stuck_) return;
  const Duration interval = std::max(kMinKeyRequestInterval, 2 * round_trip());
  if (last_key_request_ && now - *last_key_request_ < interval) return;
  last_key_request_ = now;
  ++pli_count_;
  output.request_key_frame = true;
}

std::optional<Timestamp> VideoReceiveStream::NextDeadline() const {
  const auto nack = nacks_.NextDeadline();
  const auto frame = hold_until_ ? hold_until_ : jitter_buffer_.NextDeadline();
  if (nack && frame) return std::min(*nack, *frame);
  return nack ? nack : frame;
}

void VideoReceiveStream::FillStats(StatsGroup& stats) const {
  const FrameAssemblerCounters& assembled = assembler_.counters();
  const VideoJitterBufferCounters& jitter = jitter_buffer_.counters();
  stats.Set("ssrc", ssrc());
  stats.Set("packetsReceived", static_cast<double>(statistics_.packets_received()));
  stats.Set("bytesReceived", static_cast<double>(statistics_.bytes_received()));
  stats.Set("packetsLost", static_cast<double>(statistics_.packets_lost()));
  stats.Set("packetsDuplicated", static_cast<double>(duplicates_));
  stats.Set("jitter", statistics_.jitter());
  stats.Set("nackCount", static_cast<double>(nacks_.packets_requested()));
  stats.Set("pliCount", static_cast<double>(pli_count_));
  stats.Set("fecPacketsReceived", static_cast<double>(fec_.received_repairs()));
  stats.Set("fecPacketsDiscarded", static_cast<double>(fec_.discarded_repairs()));
  stats.Set("fecRecovered", static_cast<double>(fec_recovered_));
  stats.Set("rtxPacketsReceived", static_cast<double>(rtx_packets_));
  stats.Set("rtxRecovered", static_cast<double>(rtx_recovered_));
  stats.Set("malformedPackets", static_cast<double>(malformed_ + fec_.malformed()));
  stats.Set("framesReceived",
            static_cast<double>(assembled.frames_assembled + assembled.frames_dropped));
  stats.Set("framesAssembled", static_cast<double>(assembled.frames_assembled));
  stats.Set("framesIncomplete", static_cast<double>(assembled.frames_incomplete));
  stats.Set("framesDropped", static_cast<double>(assembled.frames_dropped + jitter.frames_dropped));
  stats.Set("framesLate", static_cast<double>(jitter.frames_late));
  stats.Set("jitterBufferDelay", jitter.jitter_buffer_delay);
  stats.Set("jitterBufferTargetDelay", jitter.jitter_buffer_target_delay);
  stats.Set("jitterBufferMinimumDelay", jitter.jitter_buffer_minimum_delay);
  stats.Set("jitterBufferEmittedCount", static_cast<double>(jitter.jitter_buffer_emitted_count));
}

}  // namespace boardcast
