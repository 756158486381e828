#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.h"

namespace boardcast {

/// Chooses the lost packets worth asking for again (generic NACK, RFC 4585 section 6.2.1), and
/// measures the round trip by the answers.
///
/// A gap is first given time to turn out as reordering, then, where FEC may still fill it, a little
/// more; then it is asked for once each round trip until it comes or is given up. Pure: the caller
/// passes `now` and sleeps until NextDeadline(). Memory is fixed. Thread: network loop.
class NackTracker {
 public:
  struct Config {
    Duration reorder_wait = 10ms;   ///< Time that a gap may be reordering before it counts as loss.
    Duration fec_wait = 15ms;       ///< More time, once, while FEC may recover the packet.
    Duration round_trip = 100ms;    ///< Assumed until measured.
    int max_requests = 10;          ///< For each packet; then it is given up.
    Duration max_age = 1s;          ///< Since the gap was seen; then it is given up.
    std::size_t max_missing = 512;  ///< Beyond this all are given up: a peer cannot grow memory.
  };

  /// Whether to wait for FEC with the first request for a packet.
  using MayWait = std::function<bool(std::int64_t)>;

  NackTracker() : NackTracker(Config()) {}
  explicit NackTracker(const Config& config);

  /// A source packet arrived by itself; `seq` is unwrapped.
  void OnPacket(std::int64_t seq, Timestamp now);

  /// The packets up to `newest` are known to have been sent (a repair packet covers them), whether
  /// they arrived or not. Finds the loss of a frame's tail before the next frame does.
  void OnSent(std::int64_t newest, Timestamp now);

  /// A missing packet came by retransmission or, if not `by_rtx`, out of FEC.
  void OnRecovered(std::int64_t seq, Timestamp now, bool by_rtx);

  /// Nobody needs this packet any more.
  void Forget(std::int64_t seq);

  /// Sets the round trip where something else has measured it.
  void SetRoundTrip(Duration round_trip);
  Duration round_trip() const { return round_trip_; }

  /// Appends the sequence numbers to ask for at `now` to `due`, in ascending order.
  void Poll(Timestamp now, std::vector<std::int64_t>& due, const MayWait& may_wait = nullptr);

  /// Moves the packets that were given up since the last call to the end of `given_up`.
  void TakeGivenUp(std::vector<std::int64_t>& given_up);

  /// Earliest time at which Poll() has work; empty when nothing is missing.
  std::optional<Timestamp> NextDeadline() const;

  std::size_t missing() const { return missing_.size(); }
  /// Packets asked for, repeats included.
  std::uint64_t packets_requested() const { return packets_requested_; }

 private:
  struct Missing {
    std::int64_t seq;
    Timestamp detected;
    Timestamp next_request;
    Timestamp first_request{};
    int requests = 0;
    bool waited_for_fec = false;
  };

  /// False if the packet is given up now.
  bool Advance(Missing& packet, Timestamp now, std::vector<std::int64_t>& due,
               const MayWait& may_wait);
  /// Marks everything between the newest packet and `end` as missing.
  void OpenGap(std::int64_t end, Timestamp now);
  void GiveUp(std::int64_t seq);
  void MeasureRoundTrip(const Missing& packet, Timestamp now);
  Duration RetryInterval() const;
  std::vector<Missing>::iterator Find(std::int64_t seq);

  const Config config_;
  std::optional<std::int64_t> highest_;
  std::vector<Missing> missing_;  ///< Ascending; capacity is fixed.
  std::vector<std::int64_t> given_up_;
  Duration round_trip_;
  bool round_trip_known_ = false;
  int ambiguous_answers_ = 0;  ///< In a row.
  std::uint64_t packets_requested_ = 0;
};

}  // namespace boardcast
