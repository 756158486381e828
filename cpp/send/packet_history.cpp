#include "send/packet_history.h"

#include <algorithm>
#include <utility>

namespace boardcast {

void PacketHistory::Add(std::uint16_t sequence_number, PacketLease packet, Timestamp now) {
  entries_[sequence_number % kCapacity] = {std::move(packet), sequence_number, now, std::nullopt};
}

const PacketLease* PacketHistory::Find(std::uint16_t sequence_number) const {
  const Entry& entry = entries_[sequence_number % kCapacity];
  return entry.packet && entry.sequence_number == sequence_number ? &entry.packet : nullptr;
}

bool PacketHistory::ShouldRetransmit(std::uint16_t sequence_number, Timestamp now,
                                     Duration round_trip) {
  if (!Find(sequence_number)) return false;
  Entry& entry = entries_[sequence_number % kCapacity];
  if (now - entry.sent > kMaxAge) return false;
  const Duration repeat = std::max(round_trip * 4 / 5, kMinRepeat);
  if (entry.retransmitted && now - *entry.retransmitted < repeat) return false;
  entry.retransmitted = now;
  return true;
}

void PacketHistory::Clear() {
  for (Entry& entry : entries_) entry.packet.Reset();
}

}  // namespace boardcast
