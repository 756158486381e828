#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_reader.h"
#include "base/time.h"
#include "media/packet.h"
#include "testing/random.h"

namespace boardcast {

/// Burst loss by the model of Gilbert and Elliott: a link is in a good or a bad state and changes
/// between them from packet to packet. All are probabilities, 0 to 1.
struct GilbertElliott {
  double good_to_bad = 0;
  double bad_to_good = 1;
  double loss_good = 0;
  double loss_bad = 1;
};

/// What a link does to packets. The default is a perfect one.
struct NetworkConditions {
  double loss_percent = 0;
  Duration delay{0};  ///< Least one-way delay.
  /// Each packet takes up to this much longer, evenly distributed: the mean one-way delay is
  /// delay + jitter / 2. Order is kept, so packets closer together than the jitter take a little
  /// longer than that.
  Duration jitter{0};
  double reorder_percent = 0;  ///< Packets held back by kReorderDelay, so that others overtake.
  double duplicate_percent = 0;
  std::int64_t rate_bps = 0;  ///< Of the bytes given to Send(); 0 is unlimited.
  std::optional<GilbertElliott> burst_loss{};
};

/// One direction of a bad link, from a seed: the same packets at the same times suffer the same
/// fate on every machine.
///
/// Pure. No allocation for a packet after construction. Thread: one at a time.
class NetworkEmulator {
 public:
  static constexpr Duration kReorderDelay = 10ms;
  /// A rate limit queues so much and drops what comes on top.
  static constexpr Duration kMaxRateQueue = 500ms;
  static constexpr std::size_t kDefaultCapacity = 1024;

  struct Counters {
    std::uint64_t sent = 0;        ///< Packets given to Send().
    std::uint64_t lost = 0;        ///< By loss_percent or burst_loss.
    std::uint64_t overflowed = 0;  ///< By the rate limit or because `capacity` were under way.
    std::uint64_t duplicated = 0;
    std::uint64_t delivered = 0;  ///< Given out by PopDue().
  };

  /// Holds at most `capacity` packets under way.
  NetworkEmulator(const NetworkConditions& conditions, std::uint64_t seed,
                  std::size_t capacity = kDefaultCapacity);

  /// For packets sent from now on; those under way keep their fate.
  void SetConditions(const NetworkConditions& conditions) { conditions_ = conditions; }

  /// Puts a packet on the link; the copying form cuts what is longer than kMaxDatagram.
  void Send(PacketLease packet, Timestamp now);
  void Send(Bytes packet, Timestamp now);

  /// The next packet that has arrived by `now`, or an empty lease. Call until it is empty.
  PacketLease PopDue(Timestamp now);

  /// When the next packet arrives; nothing when none is under way.
  std::optional<Timestamp> NextDeadline() const;

  const Counters& counters() const { return counters_; }

 private:
  struct Transit {
    Timestamp due;
    std::uint64_t order;  ///< Among packets due at the same time.
    PacketLease packet;
  };
  /// What chance has in store for one packet.
  struct Fate {
    bool lost;
    bool reordered;
    bool duplicated;
    Duration jitter;
  };

  static bool Later(const Transit& a, const Transit& b);
  Fate Draw();
  std::optional<Timestamp> PassRateLimit(std::size_t size, Timestamp now);
  void Schedule(PacketLease packet, Timestamp due);

  NetworkConditions conditions_;
  Random random_;
  bool bad_state_ = false;
  PacketPool pool_;  ///< For the copying form of Send().
  const std::size_t capacity_;
  std::vector<Transit> transits_;  ///< Heap, the earliest on top.
  std::uint64_t next_order_ = 0;
  Timestamp link_free_{};  ///< When the rate limit has let everything through.
  Timestamp last_due_{};   ///< Arrival of the last packet that was not reordered.
  Counters counters_;
};

}  // namespace boardcast
