#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/seq_num.h"
#include "base/time.h"
#include "media/packet.h"
#include "recover/delay_estimator.h"
#include "wire/rtp.h"

namespace boardcast {

/// What to play next, for `duration`.
struct AudioAction {
  enum class Kind {
    kSilence,          ///< Not started, or the stream has stopped.
    kPlay,             ///< Decode `payload`.
    kRecoverFromNext,  ///< Lost; `payload` is the next packet, with this one's in-band FEC.
    kConceal,          ///< Lost, late, or the delay grows: make something up.
  };

  Kind kind = Kind::kSilence;
  Bytes payload;       ///< Opus packet, within `packet`.
  PacketLease packet;  ///< Keeps `payload` alive.
  std::uint32_t rtp_timestamp = 0;
  Duration duration{0};
};

/// Members of webrtc-stats' inbound-rtp. Samples are for each channel, at 48 kHz.
struct AudioJitterBufferCounters {
  std::uint64_t concealed_samples = 0;   ///< Made up in place of packets.
  std::uint64_t concealment_events = 0;  ///< Runs of concealment, one or more packets long.
  std::uint64_t removed_samples_for_acceleration = 0;
  std::uint64_t inserted_samples_for_deceleration = 0;
  std::uint64_t recovered_samples = 0;            ///< Played out of the next packet's in-band FEC.
  double jitter_buffer_delay = 0;                 ///< In seconds, summed over the emitted samples.
  double jitter_buffer_target_delay = 0;          ///< The same for the delay aimed at,
  double jitter_buffer_minimum_delay = 0;         ///< and for what the network alone asks for.
  std::uint64_t jitter_buffer_emitted_count = 0;  ///< Samples.
  std::uint64_t packets_discarded = 0;            ///< Came too late, or were malformed.
};

/// Puts the Opus packets of one stream (RFC 7587) on an even playout clock.
///
/// The clock starts with the first packet and moves by one packet's duration at each Pull(). Its
/// delay behind the quickest arrival follows measured lateness (95th percentile, at least 10 ms);
/// it grows by one concealed packet and shrinks by one packet left out, at most one change each 100
/// ms. After 200 ms without a packet the stream counts as paused: the next packet starts the clock
/// anew. Pure; holds at most kWindow packets. Thread: network loop.
class AudioJitterBuffer {
 public:
  static constexpr std::int64_t kWindow = 128;

  AudioJitterBuffer() : slots_(kWindow) {}

  /// Takes a plain RTP packet (`view` points into it) that came at `now`, by itself or recovered.
  /// False if it is a duplicate, too late or malformed.
  bool Insert(std::int64_t seq, const RtpView& view, PacketLease packet, Timestamp now);

  /// What to play from NextDeadline() on. Call at that time, or later as often as it takes to catch
  /// up. Before that time nothing changes and the answer is kSilence of no duration.
  AudioAction Pull(Timestamp now);

  /// When the next Pull() is due; empty while stopped.
  std::optional<Timestamp> NextDeadline() const { return next_pull_; }

  /// Never less delay than this: the video is that much behind. Default 0.
  void SetMinimumDelay(Duration delay) { minimum_delay_ = delay; }

  /// Delay aimed at, counted from the quickest arrival.
  Duration target_delay() const;
  /// What the network asks for, without the minimum.
  Duration network_delay() const;
  /// Delay of what is played now, counted likewise; 0 while stopped.
  Duration current_delay() const;
  /// RTP timestamp at the beginning of what Pull() returned last.
  std::optional<std::uint32_t> playing_timestamp() const { return playing_timestamp_; }

  const AudioJitterBufferCounters& counters() const { return counters_; }

 private:
  struct Slot {
    PacketLease packet;  ///< Empty: nothing here.
    Bytes payload;
    std::int64_t timestamp = 0;  ///< Unwrapped.
    Duration duration{0};
    Timestamp arrival{};
  };

  Slot& At(std::int64_t seq) { return slots_[static_cast<std::size_t>(seq) % kWindow]; }
  bool Empty() const { return !newest_seq_ || *newest_seq_ < next_seq_; }

  bool MakeRoomFor(std::int64_t seq, std::int64_t timestamp);
  void Measure(std::int64_t seq, std::int64_t timestamp, Duration duration, Timestamp now);
  void Start(std::int64_t seq, std::int64_t timestamp, Timestamp now);
  void Stop();
  void StartAnewAfterBreak(Timestamp now);
  void Shrink(Timestamp now);
  AudioAction Grow(Timestamp now);
  AudioAction Play(Slot& slot);
  AudioAction RecoverFrom(const Slot& next);
  AudioAction Conceal();
  AudioAction Emit(AudioAction::Kind kind, Duration duration);
  void CountEmitted(Duration duration, Timestamp arrival);
  bool MayChange(Timestamp now) const;

  std::vector<Slot> slots_;  ///< Only next_seq_ .. next_seq_ + kWindow - 1 may hold packets.
  RtpTimestampUnwrapper timestamps_;
  DelayEstimator estimator_;
  Duration minimum_delay_{0};

  std::optional<Timestamp> next_pull_;  ///< Set while playing.
  std::int64_t next_seq_ = 0;
  std::int64_t next_timestamp_ = 0;
  std::optional<std::int64_t> newest_seq_;
  Duration duration_ = 20ms;  ///< Of the newest packet: what a missing one is taken to have.
  Duration concealed_{0};     ///< In one run, up to now.
  std::optional<Timestamp> last_change_;
  std::optional<std::uint32_t> playing_timestamp_;
  AudioJitterBufferCounters counters_;
};

}  // namespace boardcast
