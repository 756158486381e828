#include "session/audio_player.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace boardcast {
namespace {

constexpr std::size_t kQueuedJobs = 16;
constexpr std::size_t kBlocks = 32;
constexpr Duration kBlockDuration = 10ms;

}  // namespace

AudioPlayer::AudioPlayer(std::vector<std::unique_ptr<AudioSink>> sinks, Callbacks callbacks)
    : sinks_(std::move(sinks)),
      callbacks_(std::move(callbacks)),
      queue_(kQueuedJobs, Overflow::kRefuse),
      blocks_(kBlocks),
      decoded_(OpusDecoder::kMaxBlocks) {
  auto decoder = OpusDecoder::Create(kChannels);
  if (!decoder) {
    callbacks_.error(decoder.error());
    return;
  }
  decoder_ = std::move(*decoder);
  auto started = Thread::Start("audio play", [this] { Run(); });
  if (!started) {
    callbacks_.error(started.error());
    return;
  }
  thread_ = std::move(*started);
}

AudioPlayer::~AudioPlayer() {
  queue_.Close();
  thread_.Join();
  for (const auto& sink : sinks_) {
    const Status closed = sink->Close();
    if (!closed) callbacks_.error(closed.error());
  }
}

void AudioPlayer::Play(AudioAction action, std::optional<Timestamp> capture_time) {
  queue_.Push({std::move(action), capture_time});
}

void AudioPlayer::Run() {
  constexpr int kRealtimePriority = 12;
  // Refused without the right to it: `doctor` says how to allow it.
  [[maybe_unused]] const Status realtime = RequestRealtime(kRealtimePriority);
  while (auto job = queue_.Pop()) Decode(*job);
}

void AudioPlayer::Decode(const Job& job) {
  const AudioAction& action = job.action;
  auto count = std::min<std::size_t>(static_cast<std::size_t>(action.duration / kBlockDuration),
                                     decoded_.size());
  if (action.kind == AudioAction::Kind::kSilence || count == 0) return;
  const std::span blocks = std::span(decoded_).first(count);
  bool decoded = false;
  if (action.kind == AudioAction::Kind::kPlay) {
    const auto filled = decoder_->Decode(action.payload, decoded_);
    decoded = filled.ok();
    if (filled) count = static_cast<std::size_t>(*filled);
  } else if (action.kind == AudioAction::Kind::kRecoverFromNext) {
    decoded = decoder_->DecodeFec(action.payload, blocks).ok();
  }
  if (!decoded && !decoder_->Conceal(blocks)) return;
  const Timestamp now = MonotonicNow();
  for (std::size_t i = 0; i < count; ++i) {
    decoded_[i].capture_time =
        job.capture_time.value_or(Timestamp{}) + static_cast<int>(i) * kBlockDuration;
    Emit(decoded_[i]);
  }
  const std::scoped_lock lock(mutex_);
  samples_ += count * kBlockSamples;
  if (job.capture_time) last_played_ = {*job.capture_time, now};
  int peak = 0;
  for (const std::int16_t sample : decoded_[0].data()) peak = std::max(peak, std::abs(int{sample}));
  audio_level_ = peak / 32768.0;
}

void AudioPlayer::Emit(const AudioBlock& block) {
  if (AudioBlockLease lease = blocks_.Acquire()) {
    *lease = block;
    callbacks_.block(lease);
  }
  std::erase_if(sinks_, [&](const std::unique_ptr<AudioSink>& sink) {
    const Status written = sink->Write(block);
    if (!written) callbacks_.error(written.error());
    return !written.ok();
  });
}

std::optional<PlayedMedia> AudioPlayer::last_played() const {
  const std::scoped_lock lock(mutex_);
  return last_played_;
}

void AudioPlayer::FillStats(StatsGroup& stats) const {
  const std::scoped_lock lock(mutex_);
  stats.Set("totalSamplesReceived", static_cast<double>(samples_));
  stats.Set("audioLevel", audio_level_);
  stats.Set("playQueueRefusals", static_cast<double>(queue_.dropped()));
}

}  // namespace boardcast
