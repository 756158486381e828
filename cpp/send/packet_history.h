#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "media/packet.h"

namespace boardcast {

/// The last packets of one stream, plain, for retransmission on NACK (RFC 4588). Keeps shares of
/// up to kCapacity pool buffers: size the pool accordingly.
///
/// Pure; no allocation after construction. Thread: network loop.
class PacketHistory {
 public:
  static constexpr std::size_t kCapacity = 1024;
  /// A packet older than this is of no use to a receiver any more.
  static constexpr Duration kMaxAge = 2s;
  /// Least time between two retransmissions of a packet, however short the round trip.
  static constexpr Duration kMinRepeat = 10ms;

  PacketHistory() : entries_(kCapacity) {}

  /// Remembers a packet that is sent at `now`; the one 1024 sequence numbers before goes.
  void Add(std::uint16_t sequence_number, PacketLease packet, Timestamp now);

  /// The packet, or null if it is not here any more. Valid until the next Add().
  const PacketLease* Find(std::uint16_t sequence_number) const;

  /// Whether the packet is to be sent again now, and if so remembers that it is. Not if it is gone
  /// or too old, nor if less than 0.8 of `round_trip` has passed since the last time: the request
  /// then crossed with the answer.
  bool ShouldRetransmit(std::uint16_t sequence_number, Timestamp now, Duration round_trip);

  void Clear();

 private:
  struct Entry {
    PacketLease packet;
    std::uint16_t sequence_number = 0;
    Timestamp sent{};
    std::optional<Timestamp> retransmitted;
  };

  std::vector<Entry> entries_;  ///< By sequence number modulo kCapacity.
};

}  // namespace boardcast
