#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "media/packet.h"

namespace boardcast {

/// What a packet is to the pacer, in the order in which it sends them.
enum class PacketClass {
  kAudio,           ///< Leaves at once: small, and the ear is less patient than the eye.
  kRetransmission,  ///< Somebody waits for it.
  kMedia,
  kRepair,  ///< FEC; the first to be dropped.
};
inline constexpr std::size_t kPacketClasses = 4;

/// Spreads bursts, so that a key frame does not fill the queue of a slow link: a token bucket that
/// fills at 2.5 times the target bitrate and is deep enough for an ordinary frame to leave at once.
/// No packet waits longer than kMaxDelay; the rate rises as far as that needs.
///
/// Pure; no allocation after construction. Thread: network loop.
class Pacer {
 public:
  static constexpr std::size_t kCapacity = 2048;  ///< Packets, of all classes together.
  static constexpr Duration kMaxDelay = 250ms;
  static constexpr double kPacingFactor = 2.5;

  struct Counters {
    std::uint64_t sent = 0;
    std::uint64_t repair_dropped = 0;  ///< Gave way to other packets while the pacer was full.
    std::uint64_t refused = 0;         ///< The pacer was full.
  };

  static constexpr std::int64_t kDefaultBitrate = 600'000;  ///< bit/s.

  Pacer();

  /// The rate of the media without its protection, in bit/s.
  /// `frame_interval` says how much comes at a time.
  void SetTargetBitrate(std::int64_t bitrate, Duration frame_interval = 33ms);

  /// Takes a packet at `now`. False, and the packet is gone, if the pacer is full.
  bool Enqueue(PacketLease packet, PacketClass packet_class, Timestamp now);

  /// The next packet that may leave at `now`, or an empty lease. Call until it is empty.
  PacketLease PopDue(Timestamp now);

  /// When PopDue() has the next packet; nothing when none waits.
  std::optional<Timestamp> NextDeadline(Timestamp now) const;

  bool empty() const { return count_ == 0; }
  std::size_t queued_packets() const { return count_; }
  std::size_t queued_bytes() const { return bytes_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Entry {
    PacketLease packet;
    Timestamp enqueued{};
  };
  /// Ring of fixed capacity.
  struct Queue {
    std::vector<Entry> entries;
    std::size_t head = 0;
    std::size_t count = 0;

    const Entry& front() const { return entries[head]; }
  };

  Queue& queue(PacketClass c) { return queues_[static_cast<std::size_t>(c)]; }
  const Queue& queue(PacketClass c) const { return queues_[static_cast<std::size_t>(c)]; }
  std::optional<PacketClass> Choose() const;
  PacketLease Take(PacketClass packet_class);
  std::optional<Timestamp> OldestEnqueued() const;
  double Rate(Timestamp now) const;
  double Budget(Timestamp now) const;

  double paced_rate_ = 0;    ///< Bytes a second.
  double bucket_depth_ = 0;  ///< Bytes.
  double budget_ = 0;        ///< Bytes that may leave as of `refilled_`; below 0 after audio.
  std::optional<Timestamp> refilled_;
  std::array<Queue, kPacketClasses> queues_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::int64_t enqueued_sum_us_ = 0;  ///< Of all waiting packets: gives their mean age.
  int retransmissions_in_a_row_ = 0;
  Counters counters_;
};

}  // namespace boardcast
