#include "session/video_encode_thread.h"

#include <utility>

#include "encode/openh264_encoder.h"

namespace boardcast {
namespace {

constexpr std::size_t kQueuedFrames = 2;
/// Enough for the frames that wait for the network loop and the one being encoded.
constexpr std::size_t kChunks = 16;
constexpr int kRealtimePriority = 10;

}  // namespace

VideoEncodeThread::VideoEncodeThread(Config config, Output output, OnError on_error)
    : config_(config),
      output_(std::move(output)),
      on_error_(std::move(on_error)),
      queue_(kQueuedFrames, Overflow::kDropOldest),
      chunks_(kChunks),
      bitrate_(config.bitrate) {
  auto started = Thread::Start("video encode", [this] { Run(); });
  if (started) {
    thread_ = std::move(*started);
  } else {
    on_error_(started.error());
  }
}

VideoEncodeThread::~VideoEncodeThread() {
  queue_.Close();
  thread_.Join();
}

void VideoEncodeThread::Push(const VideoFrameLease& frame) { queue_.Push(frame.Share()); }

void VideoEncodeThread::Run() {
  // Refused without the right to it: `doctor` says how to allow it.
  [[maybe_unused]] const Status realtime = RequestRealtime(kRealtimePriority);
  bool works = true;
  while (auto frame = queue_.Pop()) {
    if (!*frame) {
      output_({});
      return;
    }
    works = works && Prepare(**frame);
    if (works) EncodeOne(**frame);
  }
}

bool VideoEncodeThread::Prepare(const VideoFrame& frame) {
  const std::int64_t bitrate = bitrate_;
  if (encoder_ && frame.width == width_ && frame.height == height_) {
    if (bitrate != applied_bitrate_ && encoder_->SetBitrate(bitrate).ok()) {
      applied_bitrate_ = bitrate;
    }
    return true;
  }
  auto made = OpenH264Encoder::Create({.width = frame.width,
                                       .height = frame.height,
                                       .frame_rate = config_.frame_rate,
                                       .bitrate = bitrate,
                                       .key_frame_interval = config_.key_frame_interval});
  if (!made) {
    on_error_(made.error());
    return false;
  }
  encoder_ = std::move(*made);
  width_ = frame.width;
  height_ = frame.height;
  applied_bitrate_ = bitrate;
  size_ = static_cast<std::uint32_t>(width_) << 16 | static_cast<std::uint32_t>(height_);
  return true;
}

void VideoEncodeThread::EncodeOne(const VideoFrame& frame) {
  const Timestamp begin = MonotonicNow();
  const bool force_key = force_key_.exchange(false);
  auto chunk = encoder_->Encode(frame, force_key, chunks_);
  if (!chunk) {
    if (force_key) force_key_ = true;
    // Without a free chunk the frame is skipped and the stream stays whole.
    if (chunk.error().code != ErrorCode::kOverflow) on_error_(chunk.error());
    return;
  }
  if (!*chunk) {
    if (force_key) force_key_ = true;
    return;
  }
  (*chunk)->coded_time = MonotonicNow();
  encode_micros_ += static_cast<std::uint64_t>(((*chunk)->coded_time - begin).count());
  encoded_bytes_ += (*chunk)->data.size();
  ++frames_encoded_;
  if ((*chunk)->key) ++key_frames_encoded_;
  output_(std::move(*chunk));
}

void VideoEncodeThread::FillStats(StatsGroup& stats) const {
  stats.Set("framesEncoded", static_cast<double>(frames_encoded_));
  stats.Set("keyFramesEncoded", static_cast<double>(key_frames_encoded_));
  stats.Set("totalEncodeTime", static_cast<double>(encode_micros_) / 1e6);
  stats.Set("totalEncodedBytes", static_cast<double>(encoded_bytes_));
  stats.Set("framesDropped", static_cast<double>(queue_.dropped()));
  stats.Set("targetBitrate", static_cast<double>(bitrate_));
  stats.Set("frameWidth", size_ >> 16);
  stats.Set("frameHeight", size_ & 0xffff);
}

}  // namespace boardcast
