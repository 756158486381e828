#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "recover/delay_estimator.h"
#include "recover/frame_assembler.h"

namespace boardcast {

/// Members of webrtc-stats' inbound-rtp. Durations in seconds, summed over the emitted frames.
struct VideoJitterBufferCounters {
  double jitter_buffer_delay = 0;          ///< From the first packet's arrival to the way out.
  double jitter_buffer_target_delay = 0;   ///< What was aimed at.
  double jitter_buffer_minimum_delay = 0;  ///< The same for the network alone, without lip sync.
  std::uint64_t jitter_buffer_emitted_count = 0;
  std::uint64_t frames_late = 0;     ///< Came after the time at which they were due.
  std::uint64_t frames_dropped = 0;  ///< The decoder did not keep up.
};

/// Holds complete frames until the time at which they can be shown evenly.
///
/// A frame is due when the quickest frame would have arrived, plus a delay that follows measured
/// lateness: the 95th percentile less 5 ms, which no eye sees. On a steady link that is no delay at
/// all. The delay grows at once and shrinks by 10 ms a second. Frames are never reordered; late
/// ones come out at once. Pure. Thread: network loop.
class VideoJitterBuffer {
 public:
  /// More frames than this: drops to the next key frame.
  static constexpr std::size_t kMaxFrames = 120;

  VideoJitterBuffer() : frames_(kMaxFrames) {}

  /// Takes frames in decoding order.
  void Push(AssembledFrame frame);

  /// The next frame if it is due.
  std::optional<AssembledFrame> PopDue(Timestamp now);

  /// When the next frame is due, perhaps in the past; empty without frames.
  std::optional<Timestamp> NextDeadline() const;

  /// Never less delay than this: the audio is that much behind. Default 0.
  void SetMinimumDelay(Duration delay) { minimum_delay_ = delay; }

  /// Delay aimed at, counted from the quickest arrival.
  Duration target_delay() const { return std::max(network_delay_, minimum_delay_); }
  /// What the network asks for, without the minimum.
  Duration network_delay() const { return network_delay_; }

  /// True once after frames were dropped up to a key frame that has not come yet.
  bool TakeKeyFrameRequest() { return std::exchange(key_frame_request_, false); }

  std::size_t size() const { return count_; }
  const VideoJitterBufferCounters& counters() const { return counters_; }

 private:
  void Measure(const AssembledFrame& frame);
  void DropToKeyFrame();
  AssembledFrame TakeFront();
  const AssembledFrame& Front() const { return frames_[head_]; }

  std::vector<AssembledFrame> frames_;  ///< Ring.
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  bool waits_for_key_frame_ = false;
  bool key_frame_request_ = false;

  DelayEstimator estimator_;
  Duration network_delay_{0};
  Duration minimum_delay_{0};
  std::optional<Timestamp> last_measured_;
  VideoJitterBufferCounters counters_;
};

}  // namespace boardcast
