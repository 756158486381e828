#include "recover/audio_jitter_buffer.h"

#include <utility>

#include "wire/opus_payload.h"

namespace boardcast {
namespace {

constexpr double kPercentile = 0.95;
constexpr Duration kMinDelay = 10ms;
constexpr Duration kMaxDelay = 1s;
constexpr Duration kChangeInterval = 100ms;
constexpr Duration kPause = 200ms;

Duration MediaTime(std::int64_t timestamp) { return TicksToDuration(timestamp, kAudioClockRate); }
std::int64_t Ticks(Duration duration) { return DurationToTicks(duration, kAudioClockRate); }
std::uint64_t Samples(Duration duration) { return static_cast<std::uint64_t>(Ticks(duration)); }

double Seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

}  // namespace

bool AudioJitterBuffer::Insert(std::int64_t seq, const RtpView& view, PacketLease packet,
                               Timestamp now) {
  const std::optional<Duration> duration = OpusPacketDuration(view.payload);
  if (!duration) {
    ++counters_.packets_discarded;
    return false;
  }
  const std::int64_t timestamp = timestamps_.Unwrap(view.header.timestamp);
  const bool has_room = MakeRoomFor(seq, timestamp);
  if (has_room && At(seq).packet) return false;
  Measure(seq, timestamp, *duration, now);
  if (!has_room) {
    ++counters_.packets_discarded;
    return false;
  }
  if (!next_pull_) Start(seq, timestamp, now);
  At(seq) = {std::move(packet), view.payload, timestamp, *duration, now};
  duration_ = *duration;
  return true;
}

AudioAction AudioJitterBuffer::Pull(Timestamp now) {
  StartAnewAfterBreak(now);
  if (!next_pull_ || now < *next_pull_) return {};
  Shrink(now);

  Slot& slot = At(next_seq_);
  const bool here = slot.packet && slot.timestamp <= next_timestamp_;
  // When something must be made up anyway, it may as well be the growth.
  const Duration slack = here ? duration_ / 2 : duration_ / 4;
  if (MayChange(now) && target_delay() - current_delay() > slack) return Grow(now);
  if (here) return Play(slot);

  if (!slot.packet) {
    const Slot& next = At(next_seq_ + 1);
    if (next.packet && next.timestamp > next_timestamp_ &&
        next.timestamp <= next_timestamp_ + Ticks(duration_)) {
      return RecoverFrom(next);
    }
    if (Empty() && concealed_ >= kPause) {
      Stop();
      return {};
    }
    ++next_seq_;
  }
  return Conceal();
}

Duration AudioJitterBuffer::network_delay() const {
  return std::clamp(estimator_.Percentile(kPercentile), kMinDelay, kMaxDelay);
}

Duration AudioJitterBuffer::target_delay() const {
  return std::max(network_delay(), minimum_delay_);
}

Duration AudioJitterBuffer::current_delay() const {
  if (!next_pull_) return Duration(0);
  return *next_pull_ - estimator_.EarliestArrival(MediaTime(next_timestamp_));
}

/// Moves the window so that `seq` lies in it; false if it comes too late.
bool AudioJitterBuffer::MakeRoomFor(std::int64_t seq, std::int64_t timestamp) {
  if (!next_pull_) return !newest_seq_ || seq > *newest_seq_;
  if (seq < next_seq_) {
    // A sender that is silent skips timestamps but not sequence numbers (RFC 7587 section 4.1):
    // what was concealed meanwhile did not stand for packets.
    if (timestamp < next_timestamp_ || seq <= newest_seq_) return false;
    next_seq_ = seq;
  } else if (seq - next_seq_ >= kWindow) {
    for (Slot& slot : slots_) slot = Slot();
    Stop();
  }
  return true;
}

void AudioJitterBuffer::Measure(std::int64_t seq, std::int64_t timestamp, Duration duration,
                                Timestamp now) {
  // One that comes after its successor was counted with that.
  if (newest_seq_ && seq <= *newest_seq_) return;
  estimator_.Add(now, MediaTime(timestamp));
  // A lost packet can be played as soon as its successor, which carries a copy of it, is here.
  const std::int64_t step = newest_seq_ ? seq - *newest_seq_ : 1;
  if (step > 1 && step < kWindow) estimator_.Add(now, MediaTime(timestamp) - duration);
  newest_seq_ = seq;
}

void AudioJitterBuffer::Start(std::int64_t seq, std::int64_t timestamp, Timestamp now) {
  next_seq_ = seq;
  next_timestamp_ = timestamp;
  const Timestamp due = estimator_.EarliestArrival(MediaTime(timestamp)) + target_delay();
  next_pull_ = std::clamp(due, now, now + kMaxDelay);
  concealed_ = Duration(0);
  last_change_.reset();
}

void AudioJitterBuffer::Stop() {
  next_pull_.reset();
  playing_timestamp_.reset();
}

/// The timestamps jump although no packet is missing: the next packet sets the clock again.
void AudioJitterBuffer::StartAnewAfterBreak(Timestamp now) {
  const Slot& slot = At(next_seq_);
  if (!next_pull_ || now < *next_pull_ || !slot.packet) return;
  const std::int64_t ahead = slot.timestamp - next_timestamp_;
  if (ahead > Ticks(kPause) || ahead < -Ticks(duration_)) Start(next_seq_, slot.timestamp, now);
}

/// Leaves out one packet if the delay has become too long: a missing one as well as any other.
void AudioJitterBuffer::Shrink(Timestamp now) {
  if (!MayChange(now) || current_delay() - target_delay() < duration_ * 3 / 4) return;
  const Slot& next = At(next_seq_ + 1);
  const std::int64_t step = next.timestamp - next_timestamp_;
  if (!next.packet || step <= 0 || step > Ticks(duration_)) return;
  At(next_seq_++) = Slot();
  counters_.removed_samples_for_acceleration += static_cast<std::uint64_t>(step);
  next_timestamp_ = next.timestamp;
  last_change_ = now;
}

AudioAction AudioJitterBuffer::Grow(Timestamp now) {
  AudioAction action = Emit(AudioAction::Kind::kConceal, duration_);
  next_timestamp_ -= Ticks(duration_);  // The clock moves on, the stream does not.
  counters_.inserted_samples_for_deceleration += Samples(duration_);
  last_change_ = now;
  return action;
}

AudioAction AudioJitterBuffer::Play(Slot& slot) {
  CountEmitted(slot.duration, slot.arrival);
  next_timestamp_ = slot.timestamp;
  AudioAction action = Emit(AudioAction::Kind::kPlay, slot.duration);
  action.payload = slot.payload;
  action.packet = std::move(slot.packet);
  slot = Slot();
  ++next_seq_;
  concealed_ = Duration(0);
  return action;
}

AudioAction AudioJitterBuffer::RecoverFrom(const Slot& next) {
  const Duration duration = MediaTime(next.timestamp - next_timestamp_);
  CountEmitted(duration, next.arrival);
  counters_.recovered_samples += Samples(duration);
  AudioAction action = Emit(AudioAction::Kind::kRecoverFromNext, duration);
  action.payload = next.payload;
  action.packet = next.packet.Share();
  ++next_seq_;
  concealed_ = Duration(0);
  return action;
}

AudioAction AudioJitterBuffer::Conceal() {
  if (concealed_ == Duration(0)) ++counters_.concealment_events;
  concealed_ += duration_;
  counters_.concealed_samples += Samples(duration_);
  return Emit(AudioAction::Kind::kConceal, duration_);
}

/// Moves clock and stream on by `duration`.
AudioAction AudioJitterBuffer::Emit(AudioAction::Kind kind, Duration duration) {
  AudioAction action;
  action.kind = kind;
  action.rtp_timestamp = static_cast<std::uint32_t>(next_timestamp_);
  action.duration = duration;
  playing_timestamp_ = action.rtp_timestamp;
  *next_pull_ += duration;
  next_timestamp_ += Ticks(duration);
  return action;
}

void AudioJitterBuffer::CountEmitted(Duration duration, Timestamp arrival) {
  const auto samples = static_cast<double>(Samples(duration));
  const Duration waited = std::max(*next_pull_ - arrival, Duration(0));
  counters_.jitter_buffer_delay += samples * Seconds(waited);
  counters_.jitter_buffer_target_delay += samples * Seconds(target_delay());
  counters_.jitter_buffer_minimum_delay += samples * Seconds(network_delay());
  counters_.jitter_buffer_emitted_count += Samples(duration);
}

bool AudioJitterBuffer::MayChange(Timestamp now) const {
  return !last_change_ || now - *last_change_ >= kChangeInterval;
}

}  // namespace boardcast
