#include "session/audio_encode_thread.h"

#include <utility>

namespace boardcast {
namespace {

constexpr std::size_t kQueuedBlocks = 10;
constexpr std::size_t kChunks = 16;
constexpr int kRealtimePriority = 12;

}  // namespace

AudioEncodeThread::AudioEncodeThread(Config config, Output output, OnError on_error)
    : config_(config),
      output_(std::move(output)),
      on_error_(std::move(on_error)),
      queue_(kQueuedBlocks, Overflow::kDropOldest),
      chunks_(kChunks),
      bitrate_(config.bitrate) {
  auto started = Thread::Start("audio encode", [this] { Run(); });
  if (started) {
    thread_ = std::move(*started);
  } else {
    on_error_(started.error());
  }
}

AudioEncodeThread::~AudioEncodeThread() {
  queue_.Close();
  thread_.Join();
}

void AudioEncodeThread::Push(const AudioBlockLease& block) { queue_.Push(block.Share()); }

void AudioEncodeThread::Run() {
  // Refused without the right to it: `doctor` says how to allow it.
  [[maybe_unused]] const Status realtime = RequestRealtime(kRealtimePriority);
  auto encoder = OpusEncoder::Create({.channels = config_.channels, .bitrate = config_.bitrate});
  if (!encoder) return on_error_(encoder.error());
  int applied_bitrate = config_.bitrate;
  int applied_loss = -1;
  while (auto block = queue_.Pop()) {
    if (!*block) return output_({});
    if (const int wanted = bitrate_; wanted != applied_bitrate) {
      if ((*encoder)->SetBitrate(wanted).ok()) applied_bitrate = wanted;
    }
    if (const int loss = loss_percent_; loss != applied_loss) {
      (*encoder)->SetPacketLossPercent(loss);
      applied_loss = loss;
    }
    auto chunk = (*encoder)->Encode(**block, chunks_);
    if (!chunk) return on_error_(chunk.error());
    if (!*chunk) continue;
    (*chunk)->coded_time = MonotonicNow();
    output_(std::move(*chunk));
  }
}

}  // namespace boardcast
