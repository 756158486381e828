#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connect/udp_socket.h"
#include "observe/frame_trace.h"
#include "session/audio_player.h"
#include "session/network_loop.h"
#include "session/rtp_receiver.h"
#include "session/video_player.h"
#include "session/warning.h"

namespace boardcast {

/// The network loop of a session that receives: a thread with a socket around RtpReceiver, and the
/// players that it feeds.
class Subscriber : private RtpReceiverListener {
 public:
  struct Config {
    SocketAddress local;
    SrtpMasterKey key;
    std::string cname;
    std::optional<std::string> video_file;    ///< Y4M.
    std::optional<std::string> audio_file;    ///< WAV.
    std::optional<std::string> audio_device;  ///< ALSA.
  };
  /// Called on the network loop and the players' threads; must not block.
  struct Callbacks {
    std::function<void(MediaKind, std::uint32_t ssrc)> stream_start;
    std::function<void(MediaKind, std::uint32_t ssrc, StopReason)> stream_stop;
    /// A coded frame or packet that arrived, with its time on the sender's common clock where
    /// known.
    std::function<void(MediaKind, ChunkLease)> chunk;
    std::function<void(const VideoFrameLease&)> frame;
    std::function<void(const AudioBlockLease&)> audio;
    std::function<void(const Warning&)> warning;
    std::function<void(const Error&)> error;
  };

  static Result<std::unique_ptr<Subscriber>> Open(Config config, Callbacks callbacks,
                                                  FrameTrace& trace);
  /// Says goodbye, stops and joins the loop, plays what has arrived, closes the files.
  ~Subscriber();

  /// Asks the sender for a key frame. Any thread.
  void RequestKeyFrame() { decoder_stuck_ = true; }

  struct Stats {
    StatsGroup video, audio, transport;
  };
  Stats GetStats() const;

  int local_port() const { return network_->io().local_port(); }

 private:
  Subscriber(Config config, Callbacks callbacks, std::unique_ptr<NetworkLoop> network);
  Status Start(FrameTrace& trace);
  Status OpenPlayers(FrameTrace& trace);

  void OnStreamStart(MediaKind kind, std::uint32_t ssrc) override;
  void OnStreamStop(MediaKind kind, std::uint32_t ssrc, StopReason reason) override;
  void OnVideoAssembled(const ChunkLease& chunk) override;
  void OnVideoDue(AssembledFrame frame) override;
  void OnAudioDue(AudioAction action, std::optional<Timestamp> capture_time) override;

  void Receive();
  void Advance();
  void WarnOfFailures(Timestamp now);

  const Config config_;
  const Callbacks callbacks_;
  const std::unique_ptr<NetworkLoop> network_;
  std::optional<SocketAddress> peer_;  ///< Where the last authentic datagram came from.
  std::atomic<bool> decoder_stuck_{false};

  mutable std::mutex mutex_;  ///< Guards receiver_ against GetStats().
  std::unique_ptr<RtpReceiver> receiver_;
  std::unique_ptr<VideoPlayer> video_player_;
  std::unique_ptr<AudioPlayer> audio_player_;
  ChunkPool audio_chunks_;
  std::vector<PacketLease> outgoing_;

  Timestamp next_warning_{};
  std::uint64_t warned_failures_ = 0;
  std::uint64_t warned_replays_ = 0;
};

}  // namespace boardcast
