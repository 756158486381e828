#include "session/clip_source.h"

#include <algorithm>
#include <utility>

#include "decode/openh264_decoder.h"

namespace boardcast {
namespace {

/// Frames decoded ahead, so that B-frames find their place: as many as encoders reorder in
/// practice.
constexpr std::size_t kReorderFrames = 4;
/// Reordering, the frame handed out, the encoder's queue and the application's.
constexpr std::size_t kFrames = kReorderFrames + 8;
/// A reader that is later than this starts its clock anew instead of rushing to catch up.
constexpr Duration kMaxLateness = 200ms;

}  // namespace

Result<std::unique_ptr<ClipSource>> ClipSource::Create(const VideoFormat& format, bool paced,
                                                       std::function<void()> on_room) {
  auto decoder = OpenH264Decoder::Create();
  if (!decoder) return std::move(decoder).error();
  return std::unique_ptr<ClipSource>(
      new ClipSource(format, paced, std::move(on_room), std::move(*decoder)));
}

ClipSource::ClipSource(const VideoFormat& format, bool paced, std::function<void()> on_room,
                       std::unique_ptr<VideoDecoder> decoder)
    : format_(format),
      paced_(paced),
      on_room_(std::move(on_room)),
      decoder_(std::move(decoder)),
      queue_(kQueuedChunks, Overflow::kRefuse),
      queued_(0),
      chunks_(kQueuedChunks + 1),
      frames_(kFrames) {
  reorder_.reserve(kReorderFrames + 1);
}

bool ClipSource::PushChunk(Bytes data, bool key, Duration media_time, Duration duration) {
  ChunkLease chunk = queue_.size() < kQueuedChunks ? chunks_.Acquire() : ChunkLease();
  if (!chunk) {
    wants_room_ = true;
    return false;
  }
  chunk->codec = Codec::kH264;
  chunk->key = key;
  chunk->complete = true;
  chunk->media_time_us = media_time.count();
  chunk->duration = duration;
  chunk->data.assign(data.begin(), data.end());
  queue_.Push(std::move(chunk));
  queued_.Add();
  return true;
}

void ClipSource::EndChunks() {
  if (!ended_.exchange(true)) queued_.Add();
}

bool ClipSource::FrameReady() const {
  return reorder_.size() > kReorderFrames || (!reorder_.empty() && ended_ && queue_.size() == 0);
}

SourceWait ClipSource::Wait(Timestamp now) {
  if (FrameReady()) return {.due = Due(*reorder_.front(), now)};
  if (ended_ && queue_.size() == 0) return {.due = now};
  return {.fd = queued_.fd()};
}

Timestamp ClipSource::Due(const VideoFrame& frame, Timestamp now) {
  if (!paced_) return now;
  const Duration media_time(frame.media_time_us);
  if (!start_ || *start_ + media_time < now - kMaxLateness) start_ = now - media_time;
  return *start_ + media_time;
}

Status ClipSource::FillReorder() {
  while (reorder_.size() <= kReorderFrames && queued_.Take()) {
    auto chunk = queue_.TryPop();
    if (!chunk) continue;  // The credit of the end.
    if (wants_room_ && queue_.size() <= kQueuedChunks / 2 && wants_room_.exchange(false)) {
      on_room_();
    }
    auto frame = decoder_->Decode(**chunk, frames_);
    if (!frame) {
      if (frame.error().code != ErrorCode::kOverflow) return frame.error();
      ++skipped_;
      continue;
    }
    if (!*frame) {
      ++skipped_;
      continue;
    }
    const auto place = std::upper_bound(reorder_.begin(), reorder_.end(), *frame,
                                        [](const VideoFrameLease& a, const VideoFrameLease& b) {
                                          return a->media_time_us < b->media_time_us;
                                        });
    reorder_.insert(place, std::move(*frame));
  }
  return Ok{};
}

Result<VideoFrameLease> ClipSource::Read(Timestamp now) {
  const Status filled = FillReorder();
  if (!filled) return filled.error();
  if (!FrameReady()) {
    if (!ended_ || queue_.size() > 0 || !reorder_.empty()) return VideoFrameLease();
    return Error{ErrorCode::kEndOfStream, "The clip has ended."};
  }
  if (Due(*reorder_.front(), now) > now) return VideoFrameLease();
  VideoFrameLease frame = std::move(reorder_.front());
  reorder_.erase(reorder_.begin());
  frame->capture_time = now;
  return frame;
}

}  // namespace boardcast
