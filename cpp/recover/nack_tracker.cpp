#include "recover/nack_tracker.h"

#include <algorithm>

namespace boardcast {
namespace {

constexpr Duration kMinRetryInterval = 10ms;
constexpr Duration kMaxRoundTrip = 1s;

/// In a row, before the oldest request of each counts as the one answered.
constexpr int kMaxAmbiguousAnswers = 3;

/// Most packets held for TakeGivenUp(). The frame assembler looks at no more than 1024 packets, so
/// older ones than these are of no use to it.
constexpr std::size_t kMaxGivenUp = 1024;

}  // namespace

NackTracker::NackTracker(const Config& config) : config_(config), round_trip_(config.round_trip) {
  missing_.reserve(config_.max_missing);
  given_up_.reserve(kMaxGivenUp);
}

void NackTracker::OnPacket(std::int64_t seq, Timestamp now) {
  if (!highest_) highest_ = seq;
  if (seq > *highest_) {
    OpenGap(seq, now);
    highest_ = seq;
  } else {
    Forget(seq);
  }
}

void NackTracker::OnSent(std::int64_t newest, Timestamp now) {
  if (!highest_ || newest <= *highest_) return;
  OpenGap(newest + 1, now);
  highest_ = newest;
}

void NackTracker::OnRecovered(std::int64_t seq, Timestamp now, bool by_rtx) {
  const auto packet = Find(seq);
  if (by_rtx && packet != missing_.end()) MeasureRoundTrip(*packet, now);
  OnPacket(seq, now);
}

void NackTracker::Forget(std::int64_t seq) {
  const auto packet = Find(seq);
  if (packet != missing_.end()) missing_.erase(packet);
}

void NackTracker::SetRoundTrip(Duration round_trip) {
  round_trip_ = std::clamp(round_trip, Duration(0), kMaxRoundTrip);
  round_trip_known_ = true;
}

void NackTracker::Poll(Timestamp now, std::vector<std::int64_t>& due, const MayWait& may_wait) {
  auto kept = missing_.begin();
  for (Missing& packet : missing_) {
    if (Advance(packet, now, due, may_wait)) {
      *kept++ = packet;
    } else {
      GiveUp(packet.seq);
    }
  }
  missing_.erase(kept, missing_.end());
}

bool NackTracker::Advance(Missing& packet, Timestamp now, std::vector<std::int64_t>& due,
                          const MayWait& may_wait) {
  if (now >= packet.detected + config_.max_age) return false;
  if (now < packet.next_request) return true;
  if (packet.requests == config_.max_requests) return false;
  if (packet.requests == 0 && !packet.waited_for_fec && may_wait && may_wait(packet.seq)) {
    packet.waited_for_fec = true;
    packet.next_request = now + config_.fec_wait;
    return true;
  }
  due.push_back(packet.seq);
  ++packets_requested_;
  if (packet.requests++ == 0) packet.first_request = now;
  packet.next_request = now + RetryInterval();
  return true;
}

void NackTracker::TakeGivenUp(std::vector<std::int64_t>& given_up) {
  given_up.insert(given_up.end(), given_up_.begin(), given_up_.end());
  given_up_.clear();
}

std::optional<Timestamp> NackTracker::NextDeadline() const {
  std::optional<Timestamp> earliest;
  for (const Missing& packet : missing_) {
    const Timestamp deadline = std::min(packet.next_request, packet.detected + config_.max_age);
    if (!earliest || deadline < *earliest) earliest = deadline;
  }
  return earliest;
}

void NackTracker::OpenGap(std::int64_t end, Timestamp now) {
  const std::int64_t begin = *highest_ + 1;
  if (end - begin > static_cast<std::int64_t>(config_.max_missing - missing_.size())) {
    for (const Missing& packet : missing_) GiveUp(packet.seq);
    missing_.clear();
    const std::int64_t oldest = end - static_cast<std::int64_t>(kMaxGivenUp);
    for (std::int64_t seq = std::max(begin, oldest); seq < end; ++seq) GiveUp(seq);
    return;
  }
  for (std::int64_t seq = begin; seq < end; ++seq) {
    missing_.push_back({seq, now, now + config_.reorder_wait});
  }
}

void NackTracker::GiveUp(std::int64_t seq) {
  if (given_up_.size() == kMaxGivenUp) given_up_.erase(given_up_.begin());
  given_up_.push_back(seq);
}

void NackTracker::MeasureRoundTrip(const Missing& packet, Timestamp now) {
  if (packet.requests == 0) return;
  // After a repeat nobody knows which request was answered (Karn's rule). But when that is so every
  // time, the estimate is too short, and without this it would stay so.
  ambiguous_answers_ = packet.requests == 1 ? 0 : ambiguous_answers_ + 1;
  if (round_trip_known_ && ambiguous_answers_ > 0 && ambiguous_answers_ < kMaxAmbiguousAnswers) {
    return;
  }
  const Duration sample = std::min(now - packet.first_request, kMaxRoundTrip);
  round_trip_ = round_trip_known_ ? round_trip_ + (sample - round_trip_) / 8 : sample;
  round_trip_known_ = true;
}

Duration NackTracker::RetryInterval() const {
  return std::max(kMinRetryInterval, round_trip_ + std::max(round_trip_ / 4, Duration(5ms)));
}

std::vector<NackTracker::Missing>::iterator NackTracker::Find(std::int64_t seq) {
  const auto packet = std::ranges::lower_bound(missing_, seq, {}, &Missing::seq);
  return packet != missing_.end() && packet->seq == seq ? packet : missing_.end();
}

}  // namespace boardcast
