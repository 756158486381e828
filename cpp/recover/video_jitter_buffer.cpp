#include "recover/video_jitter_buffer.h"

namespace boardcast {
namespace {

constexpr double kPercentile = 0.95;

/// Less than half a refresh of a 60 Hz display: waiting for it would change nothing.
constexpr Duration kTolerance = 5ms;

constexpr Duration kMaxDelay = 1s;
constexpr std::int64_t kShrinkPerSecondMs = 10;

double Seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

Duration MediaTime(const AssembledFrame& frame) {
  return TicksToDuration(frame.unwrapped_rtp_timestamp, kVideoClockRate);
}

}  // namespace

void VideoJitterBuffer::Push(AssembledFrame frame) {
  // One that was given up says how long we waited, not what the network does.
  if (frame.chunk->complete) Measure(frame);
  if (count_ == frames_.size()) DropToKeyFrame();
  if (waits_for_key_frame_ && !frame.chunk->key) {
    ++counters_.frames_dropped;
    return;
  }
  waits_for_key_frame_ = false;
  frames_[(head_ + count_++) % frames_.size()] = std::move(frame);
}

std::optional<AssembledFrame> VideoJitterBuffer::PopDue(Timestamp now) {
  const std::optional<Timestamp> due = NextDeadline();
  if (!due || *due > now) return std::nullopt;
  AssembledFrame frame = TakeFront();
  counters_.jitter_buffer_delay += Seconds(now - frame.first_packet);
  counters_.jitter_buffer_target_delay += Seconds(target_delay());
  counters_.jitter_buffer_minimum_delay += Seconds(network_delay_);
  ++counters_.jitter_buffer_emitted_count;
  return frame;
}

std::optional<Timestamp> VideoJitterBuffer::NextDeadline() const {
  if (count_ == 0) return std::nullopt;
  // Frames from before a break of the sender's clock do not wait on the new one.
  const Timestamp earliest = estimator_.EarliestArrival(MediaTime(Front()));
  return std::min(earliest, Front().completed) + target_delay();
}

void VideoJitterBuffer::Measure(const AssembledFrame& frame) {
  const Duration lateness = estimator_.Add(frame.completed, MediaTime(frame));
  const Duration wanted =
      std::clamp(estimator_.Percentile(kPercentile) - kTolerance, Duration(0), kMaxDelay);
  const Duration elapsed = last_measured_ ? frame.completed - *last_measured_ : Duration(0);
  if (elapsed > Duration(0) || !last_measured_) last_measured_ = frame.completed;
  const Duration shrink = std::max(elapsed, Duration(0)) * kShrinkPerSecondMs / 1000;
  const Duration before = target_delay();
  network_delay_ = std::max(wanted, network_delay_ - shrink);

  if (lateness > before + kTolerance) ++counters_.frames_late;
}

/// Makes room: what follows decodes only from a key frame on.
void VideoJitterBuffer::DropToKeyFrame() {
  do {
    TakeFront();
    ++counters_.frames_dropped;
  } while (count_ > 0 && !Front().chunk->key);
  if (count_ > 0) return;
  waits_for_key_frame_ = true;
  key_frame_request_ = true;
}

AssembledFrame VideoJitterBuffer::TakeFront() {
  AssembledFrame frame = std::move(frames_[head_]);
  head_ = (head_ + 1) % frames_.size();
  --count_;
  return frame;
}

}  // namespace boardcast
