#include "session/subscriber.h"

#include <algorithm>
#include <utility>

#include "connect/random.h"
#include "play/alsa_playback.h"
#include "play/wav_writer.h"
#include "play/y4m_writer.h"

namespace boardcast {
namespace {

constexpr std::size_t kAudioChunks = 64;
constexpr Duration kWarningInterval = 1s;
/// What the Y4M file tells players; frames come at the sender's rate, which RTP does not state.
constexpr double kNominalFrameRate = 30;

}  // namespace

Result<std::unique_ptr<Subscriber>> Subscriber::Open(Config config, Callbacks callbacks,
                                                     FrameTrace& trace) {
  auto network = NetworkLoop::Open(config.local);
  if (!network) return std::move(network).error();
  std::unique_ptr<Subscriber> subscriber(
      new Subscriber(std::move(config), std::move(callbacks), std::move(*network)));
  const Status started = subscriber->Start(trace);
  if (!started) return started.error();
  return subscriber;
}

Subscriber::Subscriber(Config config, Callbacks callbacks, std::unique_ptr<NetworkLoop> network)
    : config_(std::move(config)),
      callbacks_(std::move(callbacks)),
      network_(std::move(network)),
      audio_chunks_(kAudioChunks) {}

Status Subscriber::Start(FrameTrace& trace) {
  auto receiver = RtpReceiver::Create(
      {.key = config_.key, .clock = SampleClocks(), .cname = config_.cname, .random = RandomU32},
      *this);
  if (!receiver) return std::move(receiver).error();
  receiver_ = std::move(*receiver);
  if (const Status opened = OpenPlayers(trace); !opened) return opened.error();
  return network_->Start([this] { Receive(); }, [this] { Advance(); });
}

Status Subscriber::OpenPlayers(FrameTrace& trace) {
  std::unique_ptr<VideoSink> video_file;
  if (config_.video_file) {
    auto writer = Y4mWriter::Create(*config_.video_file, kNominalFrameRate);
    if (!writer) return std::move(writer).error();
    video_file = std::move(*writer);
  }
  std::vector<std::unique_ptr<AudioSink>> audio_sinks;
  if (config_.audio_file) {
    auto writer = WavWriter::Create(*config_.audio_file);
    if (!writer) return std::move(writer).error();
    audio_sinks.push_back(std::move(*writer));
  }
  if (config_.audio_device) {
    auto playback = AlsaPlayback::Open(*config_.audio_device, {.channels = AudioPlayer::kChannels});
    if (!playback) return std::move(playback).error();
    audio_sinks.push_back(std::move(*playback));
  }
  video_player_ = std::make_unique<VideoPlayer>(
      std::move(video_file),
      VideoPlayer::Callbacks{.frame = callbacks_.frame,
                             .stuck = [this] { decoder_stuck_ = true; },
                             .error = callbacks_.error},
      trace);
  audio_player_ = std::make_unique<AudioPlayer>(
      std::move(audio_sinks),
      AudioPlayer::Callbacks{.block = callbacks_.audio, .error = callbacks_.error});
  return Ok{};
}

Subscriber::~Subscriber() {
  network_->Stop([this] {
    receiver_->Finish(MonotonicNow());
    receiver_->SayGoodbye(outgoing_);
    if (peer_) network_->io().Send(outgoing_, *peer_);
  });
  video_player_.reset();
  audio_player_.reset();
}

void Subscriber::Receive() {
  {
    const std::scoped_lock lock(mutex_);
    // An error here is one datagram's (ICMP); the socket goes on.
    [[maybe_unused]] const Status received = network_->io().Receive(
        receiver_->packets(), [this](PacketLease packet, const SocketAddress& source) {
          if (receiver_->OnDatagram(std::move(packet), MonotonicNow())) peer_ = source;
        });
  }
  Advance();
}

void Subscriber::Advance() {
  const std::scoped_lock lock(mutex_);
  const Timestamp now = MonotonicNow();
  if (decoder_stuck_.exchange(false)) receiver_->OnDecoderStuck();
  receiver_->KeepInStep(video_player_->last_played(), audio_player_->last_played(), now);
  receiver_->Poll(now, outgoing_);
  if (peer_ && !outgoing_.empty()) network_->io().Send(outgoing_, *peer_);
  outgoing_.clear();
  WarnOfFailures(now);
  network_->SetDeadline(receiver_->NextDeadline());
}

void Subscriber::WarnOfFailures(Timestamp now) {
  const std::uint64_t failures = receiver_->srtp_failures();
  const std::uint64_t replays = receiver_->replayed_packets();
  if (now < next_warning_ || (failures == warned_failures_ && replays == warned_replays_)) return;
  next_warning_ = now + kWarningInterval;
  if (failures != warned_failures_) {
    warned_failures_ = failures;
    callbacks_.warning({ErrorCode::kAuthenticationFailed,
                        "Packets arrive that do not authenticate: the sender uses another key, or "
                        "somebody forges packets. Nothing of them is used.",
                        failures});
  }
  if (replays != warned_replays_) {
    warned_replays_ = replays;
    callbacks_.warning({ErrorCode::kReplayed,
                        "Packets arrive a second time, or much too late; they are dropped.",
                        replays});
  }
}

void Subscriber::OnStreamStart(MediaKind kind, std::uint32_t ssrc) {
  if (kind == MediaKind::kVideo) video_player_->Restart();
  callbacks_.stream_start(kind, ssrc);
}

void Subscriber::OnStreamStop(MediaKind kind, std::uint32_t ssrc, StopReason reason) {
  callbacks_.stream_stop(kind, ssrc, reason);
}

void Subscriber::OnVideoAssembled(const ChunkLease& chunk) {
  callbacks_.chunk(MediaKind::kVideo, chunk.Share());
}

void Subscriber::OnVideoDue(AssembledFrame frame) { video_player_->Play(std::move(frame)); }

void Subscriber::OnAudioDue(AudioAction action, std::optional<Timestamp> capture_time) {
  if (action.kind == AudioAction::Kind::kPlay) {
    if (ChunkLease chunk = audio_chunks_.Acquire()) {
      chunk->codec = Codec::kOpus;
      chunk->key = true;
      chunk->rtp_timestamp = action.rtp_timestamp;
      chunk->capture_time = capture_time.value_or(Timestamp{});
      chunk->duration = action.duration;
      chunk->data.assign(action.payload.begin(), action.payload.end());
      callbacks_.chunk(MediaKind::kAudio, std::move(chunk));
    }
  }
  audio_player_->Play(std::move(action), capture_time);
}

Subscriber::Stats Subscriber::GetStats() const {
  const std::scoped_lock lock(mutex_);
  Stats stats;
  stats.video = receiver_->VideoStats();
  video_player_->FillStats(stats.video);
  stats.audio = receiver_->AudioStats();
  audio_player_->FillStats(stats.audio);
  receiver_->FillTransportStats(stats.transport);
  return stats;
}

}  // namespace boardcast
