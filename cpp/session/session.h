#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "capture/audio_source.h"
#include "capture/video_source.h"
#include "observe/frame_trace.h"
#include "session/audio_encode_thread.h"
#include "session/capture_thread.h"
#include "session/publisher.h"
#include "session/subscriber.h"
#include "session/video_encode_thread.h"

namespace boardcast {

using VideoTrack = CaptureThread<VideoSource, VideoFrame>;
using AudioTrack = CaptureThread<AudioSource, AudioBlock>;

/// One end of a connection: tracks that are sent, streams that are received, or both. The only
/// place that joins stages to pipelines:
///
///   VideoTrack -> VideoEncodeThread -> Publisher(RtpSender) -> network
///   network -> Subscriber(RtpReceiver) -> VideoPlayer, AudioPlayer
///
/// Thread: one controlling thread; callbacks come from the pipelines' threads and must not block.
class Session {
 public:
  struct Callbacks {
    Subscriber::Callbacks receiving;
    std::function<void(const Error&)> error;
    /// A track came to its end by itself and everything of it was sent.
    std::function<void(int sender)> sent;
    std::function<void(const Warning&)> warning;  ///< Of sending.
  };
  struct VideoOptions {
    std::int64_t max_bitrate = 600'000;  ///< bit/s.
    Duration key_frame_interval{0};      ///< 0: only on request.
  };

  explicit Session(Callbacks callbacks);
  ~Session() { Close(); }

  /// Before Publish(); one video and one audio track. Returns the sender's number.
  Result<int> AddVideo(std::shared_ptr<VideoTrack> track, const VideoOptions& options);
  Result<int> AddAudio(std::shared_ptr<AudioTrack> track, int max_bitrate);
  void SetBitrate(int sender, std::int64_t max_bitrate);
  void RequestKeyFrame();
  /// The same of whoever sends to this session. Any thread.
  void RequestKeyFrameFromSender() {
    if (subscriber_) subscriber_->RequestKeyFrame();
  }

  Status Publish(const SocketAddress& peer, const SrtpMasterKey& key);
  Status Subscribe(Subscriber::Config config);

  /// Ends the tracks' way into this session; `done` is called (any thread) once everything taken
  /// from them has been sent and, if asked for, sent again.
  void Drain(std::function<void()> done);

  struct Stats {
    StatsGroup outbound_video, outbound_audio, remote_video, remote_audio;
    StatsGroup inbound_video, inbound_audio, transport;
  };
  Stats GetStats() const;
  std::vector<FrameTraceRecord> ReadTrace();
  int local_port() const;

  /// Sources stop, queues drain, threads join. Safe to call twice.
  void Close();

 private:
  static constexpr int kVideoSender = 1;
  static constexpr int kAudioSender = 2;

  void StartVideo();
  void StartAudio();
  void DetachTracks();
  void OnEncoderEnd(int sender);
  std::int64_t TotalBitrate() const;
  Duration FrameInterval() const;

  const Callbacks callbacks_;
  const std::string cname_;
  FrameTrace trace_;
  std::shared_ptr<VideoTrack> video_track_;
  std::shared_ptr<AudioTrack> audio_track_;
  VideoOptions video_options_;
  int audio_bitrate_ = 0;
  int video_sink_ = 0;
  int audio_sink_ = 0;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<VideoEncodeThread> video_encoder_;
  std::unique_ptr<AudioEncodeThread> audio_encoder_;
  std::unique_ptr<Subscriber> subscriber_;

  std::mutex end_mutex_;  ///< Guards what follows.
  int encoders_running_ = 0;
  std::function<void()> drained_;  ///< Set by Drain().
};

}  // namespace boardcast
