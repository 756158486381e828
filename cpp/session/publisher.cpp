#include "session/publisher.h"

#include <algorithm>
#include <utility>

#include "connect/random.h"

namespace boardcast {
namespace {

constexpr std::size_t kQueuedChunks = 8;
constexpr Duration kMinLinger = 50ms;
constexpr Duration kMaxLinger = 500ms;
/// A receiver reports twice a second.
constexpr Duration kSilence = 3s;
constexpr Duration kWarningInterval = 5s;

/// Any port, in the peer's address family; on the loopback address if the peer is.
Result<SocketAddress> LocalFor(const SocketAddress& peer) {
  const bool ipv6 = peer.family() == AF_INET6;
  if (peer.IsLoopback()) return SocketAddress::Parse(ipv6 ? "::1" : "127.0.0.1", 0);
  return SocketAddress::Parse(ipv6 ? "::" : "0.0.0.0", 0);
}

}  // namespace

Result<std::unique_ptr<Publisher>> Publisher::Open(Config config, Callbacks callbacks,
                                                   FrameTrace& trace) {
  const auto local = LocalFor(config.peer);
  if (!local) return local.error();
  auto network = NetworkLoop::Open(*local);
  if (!network) return std::move(network).error();
  std::unique_ptr<Publisher> publisher(
      new Publisher(std::move(config), std::move(callbacks), std::move(*network)));
  const Status started = publisher->Start(trace);
  if (!started) return started.error();
  return publisher;
}

Publisher::Publisher(Config config, Callbacks callbacks, std::unique_ptr<NetworkLoop> network)
    : config_(std::move(config)),
      callbacks_(std::move(callbacks)),
      network_(std::move(network)),
      video_chunks_(kQueuedChunks, Overflow::kRefuse),
      audio_chunks_(kQueuedChunks, Overflow::kRefuse) {}

Status Publisher::Start(FrameTrace& trace) {
  last_heard_ = MonotonicNow();
  auto sender = RtpSender::Create({.key = config_.key,
                                   .clock = SampleClocks(),
                                   .cname = config_.cname,
                                   .video = config_.video,
                                   .audio = config_.audio,
                                   .bitrate = config_.bitrate,
                                   .frame_interval = config_.frame_interval,
                                   .random = RandomU32,
                                   .now = MonotonicNow()},
                                  *this, trace);
  if (!sender) return std::move(sender).error();
  sender_ = std::move(*sender);
  return network_->Start([this] { Receive(); }, [this] { Advance(); });
}

void Publisher::Stop() {
  video_chunks_.Close();
  audio_chunks_.Close();
  network_->Stop([this] {
    sender_->SayGoodbye(MonotonicNow(), outgoing_);
    network_->io().Send(outgoing_, config_.peer);
  });
}

void Publisher::SendVideo(ChunkLease chunk) {
  if (skip_to_key_ && !chunk->key) return;
  const bool key = chunk->key;
  if (!video_chunks_.Push(std::move(chunk))) {
    skip_to_key_ = true;
    callbacks_.key_frame_needed();
  } else if (key) {
    skip_to_key_ = false;
  }
  Wake();
}

void Publisher::SendAudio(ChunkLease chunk) {
  audio_chunks_.Push(std::move(chunk));
  Wake();
}

void Publisher::Wake() {
  if (drain_posted_.exchange(true)) return;
  if (!network_->Post([this] { DrainChunks(); })) drain_posted_ = false;
}

void Publisher::DrainChunks() {
  drain_posted_ = false;
  {
    const std::scoped_lock lock(mutex_);
    const Timestamp now = MonotonicNow();
    while (auto chunk = audio_chunks_.TryPop()) sender_->SendAudio(**chunk, now);
    while (auto chunk = video_chunks_.TryPop()) sender_->SendVideo(**chunk, now);
  }
  Advance();
}

void Publisher::Receive() {
  {
    const std::scoped_lock lock(mutex_);
    // An error here is one datagram's (ICMP); the socket goes on.
    [[maybe_unused]] const Status received = network_->io().Receive(
        sender_->packets(), [this](PacketLease packet, const SocketAddress& source) {
          const Timestamp now = MonotonicNow();
          if (source == config_.peer && sender_->OnDatagram(*packet, now)) last_heard_ = now;
        });
  }
  Advance();
}

void Publisher::Advance() {
  std::vector<std::function<void()>> sent;
  {
    const std::scoped_lock lock(mutex_);
    const Timestamp now = MonotonicNow();
    sender_->Poll(now, outgoing_);
    if (!outgoing_.empty()) network_->io().Send(outgoing_, config_.peer);
    WarnOfSilence(now);
    std::optional<Timestamp> deadline = sender_->NextDeadline(now);
    if (!when_sent_.empty() && sender_->idle()) {
      if (!sent_at_) sent_at_ = now;
      const Timestamp done =
          *sent_at_ + std::clamp(sender_->round_trip() * 3 / 2, kMinLinger, kMaxLinger);
      if (now >= done) {
        sent = std::exchange(when_sent_, {});
      } else {
        deadline = std::min(deadline.value_or(done), done);
      }
    }
    network_->SetDeadline(deadline);
  }
  for (const auto& done : sent) done();
}

void Publisher::WarnOfSilence(Timestamp now) {
  if (now - last_heard_ < kSilence || now < next_warning_) return;
  next_warning_ = now + kWarningInterval;
  callbacks_.warning({ErrorCode::kUnreachable,
                      "No receiver answers from " + config_.peer.ToString() +
                          ": it does not run, uses another key, or there is no way to it.",
                      ++warnings_});
}

void Publisher::SetBitrate(std::int64_t bitrate) {
  const std::scoped_lock lock(mutex_);
  sender_->SetBitrate(bitrate);
}

void Publisher::WhenSent(std::function<void()> done) {
  {
    const std::scoped_lock lock(mutex_);
    when_sent_.push_back(std::move(done));
    sent_at_.reset();
  }
  Wake();
}

void Publisher::OnKeyFrameNeeded() { callbacks_.key_frame_needed(); }

void Publisher::OnLoss(double fraction_lost) { callbacks_.loss(fraction_lost); }

Publisher::Stats Publisher::GetStats() const {
  const std::scoped_lock lock(mutex_);
  Stats stats;
  sender_->FillVideoStats(stats.video, stats.remote_video);
  sender_->FillAudioStats(stats.audio, stats.remote_audio);
  sender_->FillTransportStats(stats.transport);
  stats.transport.Set("sendFailures", static_cast<double>(network_->io().send_failures()));
  stats.transport.Set("queueRefusals",
                      static_cast<double>(video_chunks_.dropped() + audio_chunks_.dropped()));
  return stats;
}

}  // namespace boardcast
