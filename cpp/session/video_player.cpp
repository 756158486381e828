#include "session/video_player.h"

#include <utility>

#include "decode/openh264_decoder.h"

namespace boardcast {
namespace {

constexpr std::size_t kQueuedFrames = 16;
/// The one being decoded, the application's queue (4) and what JavaScript is just copying.
constexpr std::size_t kFrames = 8;

double Seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

}  // namespace

VideoPlayer::VideoPlayer(std::unique_ptr<VideoSink> file, Callbacks callbacks, FrameTrace& trace)
    : file_(std::move(file)),
      callbacks_(std::move(callbacks)),
      trace_(trace),
      queue_(kQueuedFrames, Overflow::kRefuse),
      frames_(kFrames) {
  auto decoder = OpenH264Decoder::Create();
  if (!decoder) {
    callbacks_.error(decoder.error());
    return;
  }
  decoder_ = std::move(*decoder);
  auto started = Thread::Start("video decode", [this] { Run(); });
  if (!started) {
    callbacks_.error(started.error());
    return;
  }
  thread_ = std::move(*started);
}

VideoPlayer::~VideoPlayer() {
  queue_.Close();
  thread_.Join();
  if (!file_) return;
  const Status closed = file_->Close();
  if (!closed) callbacks_.error(closed.error());
}

void VideoPlayer::Play(AssembledFrame frame) {
  const bool key = frame.chunk->key && frame.chunk->complete;
  if (skip_to_key_ && !key) {
    const std::scoped_lock lock(mutex_);
    ++frames_dropped_;
    return;
  }
  skip_to_key_ = !queue_.Push(std::move(frame));
  if (!skip_to_key_) return;
  {
    const std::scoped_lock lock(mutex_);
    ++frames_dropped_;
  }
  callbacks_.stuck();
}

void VideoPlayer::Restart() { queue_.Push({}); }

void VideoPlayer::Run() {
  while (auto frame = queue_.Pop()) {
    if (frame->chunk) {
      Decode(std::move(*frame));
      continue;
    }
    decoder_->Reset();
    const std::scoped_lock lock(mutex_);
    freezes_.OnPause();
  }
}

void VideoPlayer::Decode(AssembledFrame assembled) {
  const Timestamp begin = MonotonicNow();
  auto frame = decoder_->Decode(*assembled.chunk, frames_);
  const Timestamp now = MonotonicNow();
  {
    const std::scoped_lock lock(mutex_);
    decode_time_ += now - begin;
  }
  if (!frame) {
    if (frame.error().code != ErrorCode::kOverflow) callbacks_.error(frame.error());
    callbacks_.stuck();
  } else if (!*frame) {
    callbacks_.stuck();
  } else {
    (*frame)->damaged = (*frame)->damaged || assembled.after_loss;
    Show(*frame, assembled, now);
  }
}

void VideoPlayer::Show(const VideoFrameLease& frame, const AssembledFrame& assembled,
                       Timestamp now) {
  const bool timed = frame->capture_time != Timestamp{};
  {
    const std::scoped_lock lock(mutex_);
    freezes_.OnFrame(now);
    if (timed) {
      latency_.Add(now - frame->capture_time);
      last_played_ = {frame->capture_time, now};
    }
    ++(frame->damaged ? frames_damaged_ : frames_decoded_);
    if (assembled.chunk->key) ++key_frames_decoded_;
    width_ = frame->width;
    height_ = frame->height;
  }
  trace_.Add({.rtp_timestamp = frame->rtp_timestamp,
              .capture_time = timed ? std::optional(frame->capture_time) : std::nullopt,
              .coded_time = assembled.completed,
              .done_time = now,
              .bytes = assembled.chunk->data.size(),
              .key = assembled.chunk->key,
              .damaged = frame->damaged});
  callbacks_.frame(frame);
  if (!file_) return;
  const Status written = file_->Write(*frame);
  if (written) return;
  callbacks_.error(written.error());
  file_.reset();
}

std::optional<PlayedMedia> VideoPlayer::last_played() const {
  const std::scoped_lock lock(mutex_);
  return last_played_;
}

void VideoPlayer::FillStats(StatsGroup& stats) const {
  const std::scoped_lock lock(mutex_);
  stats.Set("framesDecoded", static_cast<double>(frames_decoded_));
  stats.Set("framesDamaged", static_cast<double>(frames_damaged_));
  stats.Set("keyFramesDecoded", static_cast<double>(key_frames_decoded_));
  stats.Set("framesDroppedByDecoder", static_cast<double>(frames_dropped_));
  stats.Set("totalDecodeTime", Seconds(decode_time_));
  stats.Set("freezeCount", static_cast<double>(freezes_.freeze_count()));
  stats.Set("totalFreezesDuration", Seconds(freezes_.total_freezes_duration()));
  stats.Set("frameWidth", width_);
  stats.Set("frameHeight", height_);
  if (latency_.count() == 0) return;
  stats.Set("latencyP50", Seconds(latency_.Percentile(0.50)));
  stats.Set("latencyP95", Seconds(latency_.Percentile(0.95)));
}

}  // namespace boardcast
