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
  if (!encoder) on_error_(encoder.error());
  applied_bitrate_ = config_.bitrate;
  bool works = encoder.ok();
  while (auto block = queue_.Pop()) {
    if (!*block) return output_({});
    works = works && EncodeOne(**encoder, **block);
  }
}

bool AudioEncodeThread::EncodeOne(OpusEncoder& encoder, const AudioBlock& block) {
  ApplySettings(encoder);
  auto chunk = encoder.Encode(block, chunks_);
  if (!chunk) {
    // Without a free chunk this packet is lost, which the receiver conceals.
    if (chunk.error().code == ErrorCode::kOverflow) return true;
    on_error_(chunk.error());
    return false;
  }
  if (!*chunk) return true;
  (*chunk)->coded_time = MonotonicNow();
  output_(std::move(*chunk));
  return true;
}

void AudioEncodeThread::ApplySettings(OpusEncoder& encoder) {
  if (const int wanted = bitrate_; wanted != applied_bitrate_) {
    if (encoder.SetBitrate(wanted).ok()) applied_bitrate_ = wanted;
  }
  if (const int loss = loss_percent_; loss != applied_loss_) {
    encoder.SetPacketLossPercent(loss);
    applied_loss_ = loss;
  }
}

}  // namespace boardcast
