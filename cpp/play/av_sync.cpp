#include "play/av_sync.h"

#include <algorithm>

namespace boardcast {
namespace {

/// Shifts the balance by `amount` towards the stream with `minimum`: first takes back what holds
/// the `other` one up beyond its wish, then delays this one.
void Delay(Duration amount, Duration wanted, Duration& minimum, Duration other_wanted,
           Duration& other_minimum) {
  const Duration spare = std::max(Duration(0), other_minimum - other_wanted);
  const Duration taken_back = std::min(amount, spare);
  if (taken_back > Duration(0)) other_minimum -= taken_back;
  if (amount == taken_back) return;
  minimum = std::min(std::max(minimum, wanted) + amount - taken_back, AvSync::kMaxDelay);
}

}  // namespace

AvSync::Delays AvSync::Update(const Stream& video, const Stream& audio, Timestamp now) {
  skew_ = (video.playout_time - video.capture_time) - (audio.playout_time - audio.capture_time);
  const auto bin = static_cast<std::size_t>((std::chrono::abs(skew_) + kBin - Duration(1)) / kBin);
  ++histogram_[std::min(bin, kBins - 1)];
  ++histogram_samples_;

  if (!observe_from_) StartObserving(now);
  if (now < *observe_from_) return delays_;
  skew_sum_ += skew_;
  ++skew_samples_;
  if (now - *observe_from_ < kObserve) return delays_;
  const Delays before = delays_;
  Correct(skew_sum_ / skew_samples_, video.wanted_delay, audio.wanted_delay);
  StartObserving(delays_ == before ? now : now + kSettle);
  return delays_;
}

void AvSync::Correct(Duration skew, Duration video_wanted, Duration audio_wanted) {
  Duration& video = delays_.video_minimum;
  Duration& audio = delays_.audio_minimum;
  const Duration step = std::min(std::chrono::abs(skew), kMaxStep);
  if (skew >= kDeadBand) {
    Delay(step, audio_wanted, audio, video_wanted, video);
  } else if (skew <= -kDeadBand) {
    Delay(step, video_wanted, video, audio_wanted, audio);
  } else {
    // In step, but both later than either needs: a network that has calmed down.
    const Duration both = std::min({video - video_wanted, audio - audio_wanted, kMaxStep});
    if (both < kDeadBand) return;
    video -= both;
    audio -= both;
  }
}

void AvSync::StartObserving(Timestamp begin) {
  observe_from_ = begin;
  skew_sum_ = Duration(0);
  skew_samples_ = 0;
}

Duration AvSync::skew_p95() const {
  const std::uint64_t wanted = (histogram_samples_ * 95 + 99) / 100;
  std::uint64_t seen = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    seen += histogram_[bin];
    if (seen >= wanted && seen > 0) return static_cast<std::int64_t>(bin) * kBin;
  }
  return Duration(0);
}

}  // namespace boardcast
