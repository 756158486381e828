#include "send/pacer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace boardcast {
namespace {

constexpr double kMinDepth = 3000;  // Bytes: two full packets, whatever the rate.
constexpr double kDepthSeconds = 0.04;
constexpr double kDepthFrames = 2;  // With its repair packets a frame is larger than the mean.
// After so many retransmissions a media packet gets its turn: a flood of NACKs must not stop it.
constexpr int kMaxRetransmissionRun = 8;
// The rate never aims at less time than this for what waits.
constexpr Duration kLeastDrainTime = 5ms;

double Seconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-6; }

}  // namespace

Pacer::Pacer() {
  for (Queue& queue : queues_) queue.entries.resize(kCapacity);
  SetTargetBitrate(kDefaultBitrate);
}

void Pacer::SetTargetBitrate(std::int64_t bitrate, Duration frame_interval) {
  const double rate = static_cast<double>(bitrate) / 8;
  paced_rate_ = std::max(kPacingFactor * rate, 1.0);
  const double frames = kDepthFrames * rate * Seconds(frame_interval);
  bucket_depth_ = std::max({kMinDepth, paced_rate_ * kDepthSeconds, frames});
  // The bucket starts full.
  budget_ = refilled_ ? std::min(budget_, bucket_depth_) : bucket_depth_;
}

bool Pacer::Enqueue(PacketLease packet, PacketClass packet_class, Timestamp now) {
  if (count_ == kCapacity) {
    if (packet_class == PacketClass::kRepair || queue(PacketClass::kRepair).count == 0) {
      ++counters_.refused;
      return false;
    }
    Take(PacketClass::kRepair).Reset();
    ++counters_.repair_dropped;
  }
  budget_ = Budget(now);
  refilled_ = now;
  ++count_;
  bytes_ += packet->size;
  enqueued_sum_us_ += ToMicros(now);
  Queue& target = queue(packet_class);
  target.entries[(target.head + target.count++) % kCapacity] = {std::move(packet), now};
  return true;
}

PacketLease Pacer::Take(PacketClass packet_class) {
  Queue& source = queue(packet_class);
  Entry& entry = source.entries[source.head];
  --count_;
  bytes_ -= entry.packet->size;
  enqueued_sum_us_ -= ToMicros(entry.enqueued);
  source.head = (source.head + 1) % kCapacity;
  --source.count;
  return std::move(entry.packet);
}

std::optional<PacketClass> Pacer::Choose() const {
  const auto waits = [this](PacketClass c) { return queue(c).count > 0; };
  if (waits(PacketClass::kAudio)) return PacketClass::kAudio;
  const bool media_turn =
      retransmissions_in_a_row_ >= kMaxRetransmissionRun && waits(PacketClass::kMedia);
  if (waits(PacketClass::kRetransmission) && !media_turn) return PacketClass::kRetransmission;
  if (waits(PacketClass::kMedia)) return PacketClass::kMedia;
  if (waits(PacketClass::kRepair)) return PacketClass::kRepair;
  return std::nullopt;
}

std::optional<Timestamp> Pacer::OldestEnqueued() const {
  std::optional<Timestamp> oldest;
  for (const Queue& queue : queues_) {
    if (queue.count > 0 && (!oldest || queue.front().enqueued < *oldest)) {
      oldest = queue.front().enqueued;
    }
  }
  return oldest;
}

// Bytes a second: enough for what waits to be gone, on average, when kMaxDelay is over.
double Pacer::Rate(Timestamp now) const {
  if (count_ == 0) return paced_rate_;
  const Duration mean_age(ToMicros(now) - enqueued_sum_us_ / static_cast<std::int64_t>(count_));
  const Duration left = std::max<Duration>(kMaxDelay - mean_age, kLeastDrainTime);
  return std::max(paced_rate_, static_cast<double>(bytes_) / Seconds(left));
}

double Pacer::Budget(Timestamp now) const {
  if (!refilled_ || now <= *refilled_) return budget_;
  return std::min(bucket_depth_, budget_ + Rate(now) * Seconds(now - *refilled_));
}

PacketLease Pacer::PopDue(Timestamp now) {
  const std::optional<PacketClass> next = Choose();
  if (!next) return {};
  budget_ = Budget(now);
  refilled_ = std::max(now, refilled_.value_or(now));
  const auto size = static_cast<double>(queue(*next).front().packet->size);
  const bool overdue = now - *OldestEnqueued() >= kMaxDelay;
  if (*next != PacketClass::kAudio && budget_ < size && !overdue) return {};

  // Audio and overdue packets may overdraw the bucket, but only so far that others recover soon.
  budget_ = std::max(budget_ - size, -bucket_depth_);
  if (*next == PacketClass::kRetransmission) {
    ++retransmissions_in_a_row_;
  } else if (*next == PacketClass::kMedia) {
    retransmissions_in_a_row_ = 0;
  }
  ++counters_.sent;
  return Take(*next);
}

std::optional<Timestamp> Pacer::NextDeadline(Timestamp now) const {
  const std::optional<PacketClass> next = Choose();
  if (!next) return std::nullopt;
  const double missing = static_cast<double>(queue(*next).front().packet->size) - Budget(now);
  if (*next == PacketClass::kAudio || missing <= 0) return now;
  // The rate only rises while packets wait, so this is not too early by more than rounding.
  const Duration wait(static_cast<std::int64_t>(std::ceil(missing / Rate(now) * 1e6)) + 1);
  return std::max(now, std::min(now + wait, *OldestEnqueued() + kMaxDelay));
}

}  // namespace boardcast
