#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/bounded_queue.h"
#include "base/thread.h"
#include "decode/opus_decoder.h"
#include "media/audio_block.h"
#include "observe/stats_group.h"
#include "play/audio_sink.h"
#include "recover/audio_jitter_buffer.h"
#include "session/played_media.h"

namespace boardcast {

/// Decodes sound that is due on a thread of its own and hands it to file, speaker and application.
/// Queue: 16 actions (320 ms), refused when full (counted): the sink is stuck.
class AudioPlayer {
 public:
  struct Callbacks {
    std::function<void(const AudioBlockLease&)> block;  ///< On the audio thread; must not block.
    std::function<void(const Error&)> error;
  };

  static constexpr int kChannels = 2;

  AudioPlayer(std::vector<std::unique_ptr<AudioSink>> sinks, Callbacks callbacks);
  /// Plays what is queued, closes the sinks.
  ~AudioPlayer();

  /// Network loop. `capture_time` of the first sample, where it is known.
  void Play(AudioAction action, std::optional<Timestamp> capture_time);

  std::optional<PlayedMedia> last_played() const;
  void FillStats(StatsGroup& stats) const;

 private:
  struct Job {
    AudioAction action;
    std::optional<Timestamp> capture_time;
  };

  void Run();
  void Decode(const Job& job);
  void Emit(const AudioBlock& block);

  std::vector<std::unique_ptr<AudioSink>> sinks_;
  const Callbacks callbacks_;
  BoundedQueue<Job> queue_;
  AudioBlockPool blocks_;
  std::unique_ptr<OpusDecoder> decoder_;
  std::vector<AudioBlock> decoded_;

  mutable std::mutex mutex_;  ///< Guards what follows.
  std::optional<PlayedMedia> last_played_;
  std::uint64_t samples_ = 0;
  double audio_level_ = 0;  ///< 0 to 1: largest sample of the newest block.
  Thread thread_;           ///< Last: it uses everything above.
};

}  // namespace boardcast
