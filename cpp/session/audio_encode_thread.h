#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/bounded_queue.h"
#include "base/thread.h"
#include "encode/opus_encoder.h"
#include "media/audio_block.h"
#include "media/encoded_chunk.h"

namespace boardcast {

/// Encodes the 10 ms blocks of one track to Opus on a thread of its own.
/// Queue: 100 ms of sound, the oldest is dropped (counted).
class AudioEncodeThread {
 public:
  struct Config {
    int channels = 1;
    int bitrate = 32'000;  ///< bit/s.
  };
  /// Called on the encoder thread; an empty lease tells that the track has ended, once, whether the
  /// encoder works or not.
  using Output = std::function<void(ChunkLease)>;
  using OnError = std::function<void(const Error&)>;

  AudioEncodeThread(Config config, Output output, OnError on_error);
  ~AudioEncodeThread();

  /// Takes a share of the block. An empty lease ends the stream. Any thread; never waits.
  void Push(const AudioBlockLease& block);

  void SetBitrate(int bitrate) { bitrate_ = bitrate; }
  /// How much loss the in-band FEC should be ready for, in percent.
  void SetPacketLoss(int percent) { loss_percent_ = percent; }

  std::uint64_t dropped() const { return queue_.dropped(); }
  int bitrate() const { return bitrate_; }

 private:
  void Run();
  /// False after reporting an error.
  bool EncodeOne(OpusEncoder& encoder, const AudioBlock& block);
  void ApplySettings(OpusEncoder& encoder);

  const Config config_;
  const Output output_;
  const OnError on_error_;
  BoundedQueue<AudioBlockLease> queue_;
  ChunkPool chunks_;
  std::atomic<int> bitrate_;
  std::atomic<int> loss_percent_{5};
  int applied_bitrate_ = 0;  ///< Encoder thread only, as the next one.
  int applied_loss_ = -1;
  Thread thread_;  ///< Last: it uses everything above.
};

}  // namespace boardcast
