#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bounded_queue.h"
#include "connect/udp_socket.h"
#include "media/encoded_chunk.h"
#include "observe/frame_trace.h"
#include "session/network_loop.h"
#include "session/rtp_sender.h"
#include "session/warning.h"

namespace boardcast {

/// The network loop of a session that sends: a thread with a socket around RtpSender.
///
/// Chunks come through bounded queues that refuse when full; a refused video chunk breaks the chain
/// of references, so everything up to the next key frame is dropped too and one is asked for.
class Publisher : private RtpSenderListener {
 public:
  struct Config {
    SocketAddress peer;
    SrtpMasterKey key;
    std::string cname;
    bool video = false;
    bool audio = false;
    std::int64_t bitrate = 600'000;  ///< bit/s of media.
    Duration frame_interval = 33ms;
  };
  /// Called on the network loop; must not block.
  struct Callbacks {
    std::function<void()> key_frame_needed;
    std::function<void(double fraction_lost)> loss;
    std::function<void(const Warning&)> warning;
  };

  static Result<std::unique_ptr<Publisher>> Open(Config config, Callbacks callbacks,
                                                 FrameTrace& trace);
  ~Publisher() { Stop(); }

  /// Says goodbye, stops and joins the loop: no callback afterwards. What is still handed over is
  /// refused. Safe to call twice.
  void Stop();

  /// Hands one chunk to the loop. Any thread; never waits.
  void SendVideo(ChunkLease chunk);
  void SendAudio(ChunkLease chunk);
  void SetBitrate(std::int64_t bitrate);

  /// Calls `done` on the loop once everything handed over before has left, and the receiver has had
  /// a round trip and a half to ask for what it misses.
  void WhenSent(std::function<void()> done);

  struct Stats {
    StatsGroup video, audio, remote_video, remote_audio, transport;
  };
  Stats GetStats() const;

  int local_port() const { return network_->io().local_port(); }

 private:
  Publisher(Config config, Callbacks callbacks, std::unique_ptr<NetworkLoop> network);
  Status Start(FrameTrace& trace);
  void OnKeyFrameNeeded() override;
  void OnLoss(double fraction_lost) override;
  void DrainChunks();
  void Receive();
  void Advance();
  void Wake();
  void WarnOfSilence(Timestamp now);

  const Config config_;
  const Callbacks callbacks_;
  const std::unique_ptr<NetworkLoop> network_;
  BoundedQueue<ChunkLease> video_chunks_;
  BoundedQueue<ChunkLease> audio_chunks_;
  std::atomic<bool> skip_to_key_{false};
  std::atomic<bool> drain_posted_{false};

  mutable std::mutex mutex_;  ///< Guards sender_ against GetStats().
  std::unique_ptr<RtpSender> sender_;
  std::vector<PacketLease> outgoing_;
  Timestamp last_heard_{};  ///< The newest authentic datagram, or the start.
  Timestamp next_warning_{};
  std::uint64_t warnings_ = 0;
  std::vector<std::function<void()>> when_sent_;
  std::optional<Timestamp> sent_at_;  ///< The pacer ran empty; set while when_sent_ waits.
};

}  // namespace boardcast
