#include "session/audio_receive_stream.h"

#include <algorithm>
#include <utility>

#include "session/rtx_restore.h"

namespace boardcast {
namespace {

/// Sound is played within some 100 ms; asking for longer only costs bandwidth.
constexpr NackTracker::Config kNackConfig{.max_requests = 3, .max_age = 400ms};

}  // namespace

void AudioReceiveStream::Output::Clear() {
  nacks.clear();
  due.clear();
}

AudioReceiveStream::AudioReceiveStream(std::uint32_t ssrc, PacketPool& packets,
                                       const ClockMapping& clock)
    : packets_(packets), clock_(clock), statistics_(ssrc), nacks_(kNackConfig) {}

void AudioReceiveStream::OnMedia(PacketLease packet, const RtpView& view, Timestamp now) {
  const std::int64_t seq = statistics_.OnPacket(view.header.sequence_number, view.header.timestamp,
                                                kAudioClockRate, packet->size, now);
  newest_ = std::max(newest_.value_or(seq), seq);
  last_packet_ = now;
  nacks_.OnPacket(seq, now);
  jitter_buffer_.Insert(seq, view, std::move(packet), now);
}

void AudioReceiveStream::OnRtx(const RtpView& view, Timestamp now) {
  last_packet_ = now;
  ++rtx_packets_;
  if (!newest_) return;
  auto restored = RestorePacket(view, ssrc(), payload_type::kOpus, *newest_, packets_, now);
  if (!restored) {
    ++malformed_;
    return;
  }
  nacks_.OnRecovered(restored->seq, now, true);
  const RtpView plain = restored->view;
  if (jitter_buffer_.Insert(restored->seq, plain, std::move(restored->packet), now)) {
    ++rtx_recovered_;
  }
}

void AudioReceiveStream::OnSenderReport(const SenderReport& report, Timestamp now) {
  statistics_.OnSenderReport(report.ntp, now);
  sender_clock_.OnSenderReport(report.ntp, report.rtp_timestamp, kAudioClockRate);
}

void AudioReceiveStream::Poll(Timestamp now, Output& output) {
  sequence_numbers_.clear();
  nacks_.Poll(now, sequence_numbers_);
  for (const std::int64_t seq : sequence_numbers_) {
    output.nacks.push_back(static_cast<std::uint16_t>(seq));
  }
  sequence_numbers_.clear();
  nacks_.TakeGivenUp(sequence_numbers_);
  while (jitter_buffer_.NextDeadline() && *jitter_buffer_.NextDeadline() <= now) {
    output.due.push_back(jitter_buffer_.Pull(now));
  }
}

void AudioReceiveStream::Finish(Output& output) {
  while (const auto due = jitter_buffer_.NextDeadline()) {
    AudioAction action = jitter_buffer_.Pull(*due);
    const bool real = action.kind == AudioAction::Kind::kPlay ||
                      action.kind == AudioAction::Kind::kRecoverFromNext;
    if (!real) return;
    output.due.push_back(std::move(action));
  }
}

std::optional<Timestamp> AudioReceiveStream::NextDeadline() const {
  const auto nack = nacks_.NextDeadline();
  const auto pull = jitter_buffer_.NextDeadline();
  if (nack && pull) return std::min(*nack, *pull);
  return nack ? nack : pull;
}

void AudioReceiveStream::FillStats(StatsGroup& stats) const {
  const AudioJitterBufferCounters& jitter = jitter_buffer_.counters();
  stats.Set("ssrc", ssrc());
  stats.Set("packetsReceived", static_cast<double>(statistics_.packets_received()));
  stats.Set("bytesReceived", static_cast<double>(statistics_.bytes_received()));
  stats.Set("packetsLost", static_cast<double>(statistics_.packets_lost()));
  stats.Set("packetsDiscarded", static_cast<double>(jitter.packets_discarded));
  stats.Set("jitter", statistics_.jitter());
  stats.Set("nackCount", static_cast<double>(nacks_.packets_requested()));
  stats.Set("rtxPacketsReceived", static_cast<double>(rtx_packets_));
  stats.Set("rtxRecovered", static_cast<double>(rtx_recovered_));
  stats.Set("malformedPackets", static_cast<double>(malformed_));
  stats.Set("concealedSamples", static_cast<double>(jitter.concealed_samples));
  stats.Set("concealmentEvents", static_cast<double>(jitter.concealment_events));
  stats.Set("recoveredSamples", static_cast<double>(jitter.recovered_samples));
  stats.Set("removedSamplesForAcceleration",
            static_cast<double>(jitter.removed_samples_for_acceleration));
  stats.Set("insertedSamplesForDeceleration",
            static_cast<double>(jitter.inserted_samples_for_deceleration));
  stats.Set("jitterBufferDelay", jitter.jitter_buffer_delay);
  stats.Set("jitterBufferTargetDelay", jitter.jitter_buffer_target_delay);
  stats.Set("jitterBufferEmittedCount", static_cast<double>(jitter.jitter_buffer_emitted_count));
}

}  // namespace boardcast
