#include "session/session.h"

#include <cmath>
#include <utility>

#include "connect/random.h"

namespace boardcast {
namespace {

/// RTCP's name for this end: random for each session, so that nobody is followed (RFC 7022).
std::string RandomCname() {
  return "boardcast-" + std::to_string(RandomU32()) + std::to_string(RandomU32());
}

Error Misuse(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

}  // namespace

Session::Session(Callbacks callbacks) : callbacks_(std::move(callbacks)), cname_(RandomCname()) {}

Result<int> Session::AddVideo(std::shared_ptr<VideoTrack> track, const VideoOptions& options) {
  if (publisher_)
    return Misuse("Tracks are added before publish(); this session publishes already.");
  if (video_track_) return Misuse("A session sends one video track, and has one already.");
  video_track_ = std::move(track);
  video_options_ = options;
  return kVideoSender;
}

Result<int> Session::AddAudio(std::shared_ptr<AudioTrack> track, int max_bitrate) {
  if (publisher_)
    return Misuse("Tracks are added before publish(); this session publishes already.");
  if (audio_track_) return Misuse("A session sends one audio track, and has one already.");
  audio_track_ = std::move(track);
  audio_bitrate_ = max_bitrate;
  return kAudioSender;
}

std::int64_t Session::TotalBitrate() const {
  return (video_track_ ? video_options_.max_bitrate : 0) + (audio_track_ ? audio_bitrate_ : 0);
}

Duration Session::FrameInterval() const {
  if (!video_track_) return 20ms;  // Of sound.
  return TicksToDuration(1'000, std::llround(video_track_->source().format().frame_rate * 1'000));
}

void Session::SetBitrate(int sender, std::int64_t max_bitrate) {
  if (sender == kVideoSender) {
    video_options_.max_bitrate = max_bitrate;
    if (video_encoder_) video_encoder_->SetBitrate(max_bitrate);
  } else {
    audio_bitrate_ = static_cast<int>(max_bitrate);
    if (audio_encoder_) audio_encoder_->SetBitrate(audio_bitrate_);
  }
  if (publisher_) publisher_->SetBitrate(TotalBitrate());
}

void Session::RequestKeyFrame() {
  if (video_encoder_) video_encoder_->RequestKeyFrame();
}

Status Session::Publish(const SocketAddress& peer, const SrtpMasterKey& key) {
  if (publisher_) return Misuse("This session publishes already.");
  if (!video_track_ && !audio_track_) return Misuse("Nothing to publish: add a track first.");
  auto publisher =
      Publisher::Open({.peer = peer,
                       .key = key,
                       .cname = cname_,
                       .video = video_track_ != nullptr,
                       .audio = audio_track_ != nullptr,
                       .bitrate = TotalBitrate(),
                       .frame_interval = FrameInterval()},
                      {.key_frame_needed = [this] { RequestKeyFrame(); },
                       .loss =
                           [this](double fraction_lost) {
                             if (!audio_encoder_) return;
                             audio_encoder_->SetPacketLoss(static_cast<int>(fraction_lost * 100));
                           },
                       .warning = callbacks_.warning},
                      trace_);
  if (!publisher) return std::move(publisher).error();
  publisher_ = std::move(*publisher);
  if (video_track_) StartVideo();
  if (audio_track_) StartAudio();
  return Ok{};
}

void Session::StartVideo() {
  const auto output = [this](ChunkLease chunk) {
    if (chunk) return publisher_->SendVideo(std::move(chunk));
    OnEncoderEnd(kVideoSender);
  };
  ++encoders_running_;
  video_encoder_ = std::make_unique<VideoEncodeThread>(
      VideoEncodeThread::Config{.frame_rate = video_track_->source().format().frame_rate,
                                .bitrate = video_options_.max_bitrate,
                                .key_frame_interval = video_options_.key_frame_interval},
      output, callbacks_.error);
  video_sink_ =
      video_track_->AddSink([this](const VideoFrameLease& frame) { video_encoder_->Push(frame); });
}

void Session::StartAudio() {
  const auto output = [this](ChunkLease chunk) {
    if (chunk) return publisher_->SendAudio(std::move(chunk));
    OnEncoderEnd(kAudioSender);
  };
  ++encoders_running_;
  audio_encoder_ = std::make_unique<AudioEncodeThread>(
      AudioEncodeThread::Config{.channels = audio_track_->source().channels(),
                                .bitrate = audio_bitrate_},
      output, callbacks_.error);
  audio_sink_ =
      audio_track_->AddSink([this](const AudioBlockLease& block) { audio_encoder_->Push(block); });
}

Status Session::Subscribe(Subscriber::Config config) {
  if (subscriber_) return Misuse("This session subscribes already.");
  config.cname = cname_;
  auto subscriber = Subscriber::Open(std::move(config), callbacks_.receiving, trace_);
  if (!subscriber) return std::move(subscriber).error();
  subscriber_ = std::move(*subscriber);
  return Ok{};
}

void Session::DetachTracks() {
  if (video_sink_) video_track_->RemoveSink(std::exchange(video_sink_, 0));
  if (audio_sink_) audio_track_->RemoveSink(std::exchange(audio_sink_, 0));
}

void Session::OnEncoderEnd(int sender) {
  std::function<void()> done = [this, sender] { callbacks_.sent(sender); };
  {
    const std::scoped_lock lock(end_mutex_);
    --encoders_running_;
    if (drained_) {
      if (encoders_running_ > 0) return;
      done = drained_;
    }
  }
  publisher_->WhenSent(std::move(done));
}

void Session::Drain(std::function<void()> done) {
  DetachTracks();
  {
    const std::scoped_lock lock(end_mutex_);
    drained_ = std::move(done);
    if (encoders_running_ > 0) {
      // Each encoder ends once: the end of one that has ended already goes unheard.
      if (video_encoder_) video_encoder_->Push({});
      if (audio_encoder_) audio_encoder_->Push({});
      return;
    }
  }
  if (!publisher_) return drained_();
  publisher_->WhenSent(drained_);
}

Session::Stats Session::GetStats() const {
  Stats stats;
  if (publisher_) {
    Publisher::Stats sent = publisher_->GetStats();
    stats.outbound_video = std::move(sent.video);
    stats.outbound_audio = std::move(sent.audio);
    stats.remote_video = std::move(sent.remote_video);
    stats.remote_audio = std::move(sent.remote_audio);
    stats.transport = std::move(sent.transport);
  }
  if (video_encoder_) video_encoder_->FillStats(stats.outbound_video);
  if (audio_encoder_) {
    stats.outbound_audio.Set("targetBitrate", audio_encoder_->bitrate());
    stats.outbound_audio.Set("blocksDropped", static_cast<double>(audio_encoder_->dropped()));
  }
  if (subscriber_) {
    Subscriber::Stats received = subscriber_->GetStats();
    stats.inbound_video = std::move(received.video);
    stats.inbound_audio = std::move(received.audio);
    stats.transport = std::move(received.transport);
  }
  return stats;
}

std::vector<FrameTraceRecord> Session::ReadTrace() {
  trace_.Enable();
  return trace_.Take();
}

int Session::local_port() const {
  if (subscriber_) return subscriber_->local_port();
  return publisher_ ? publisher_->local_port() : 0;
}

void Session::Close() {
  DetachTracks();
  // The network loop calls the encoders and the encoders call it: first it stops, then they go.
  if (publisher_) publisher_->Stop();
  video_encoder_.reset();
  audio_encoder_.reset();
  publisher_.reset();
  subscriber_.reset();
}

}  // namespace boardcast
