#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "kernels/gf256.h"
#include "media/packet.h"
#include "wire/fec_payload.h"

namespace boardcast {

struct Recovered {
  std::int64_t seq = 0;
  PacketLease packet;  ///< Plain RTP; Packet::time is zero.
};

/// Gives back lost packets of one RTP stream from the others and its repair packets (counterpart of
/// FecEncoder), as soon as a block has as many repair packets as lost source packets.
///
/// Keeps shares of the newest kSourceRing source packets and copies of kRepairRing repair symbols,
/// so a peer cannot make it grow; what falls out is no longer recoverable. `seq` is the sequence
/// number unwrapped to 64 bits. Never gives back a packet that it was given or gave before.
///
/// Pure; no allocation after construction but for the growth of `out`. Thread: bound to the network
/// loop.
class FecDecoder {
 public:
  static constexpr std::size_t kSourceRing = 512;
  static constexpr std::size_t kRepairRing = 64;

  /// Recovered packets come from `packets`, which must outlive this; those that it has no buffer
  /// for wait until the block's next packet.
  explicit FecDecoder(PacketPool& packets);

  /// A source packet came, by itself or by retransmission. Appends what it made recoverable to
  /// `out`. One that the decoder knows already, as everything it recovered, changes nothing.
  void OnSource(std::int64_t seq, const PacketLease& packet, std::vector<Recovered>& out);

  /// The RTP payload of a repair packet came; `media_ssrc` is that of the stream it protects.
  void OnRepair(Bytes payload, std::uint32_t media_ssrc, std::vector<Recovered>& out);

  /// Whether `seq` is missing, repair packets of its block were seen, and enough may still come.
  bool CanStillRecover(std::int64_t seq) const;

  std::uint64_t received_repairs() const { return received_repairs_; }
  std::uint64_t recovered_packets() const { return recovered_packets_; }
  /// Repair packets without use: nothing was lost, too much was, or they came twice or too late.
  std::uint64_t discarded_repairs() const { return discarded_repairs_; }
  /// Repair packets that contradict themselves or others, and blocks that give no valid packets.
  std::uint64_t malformed() const { return malformed_; }

 private:
  struct alignas(64) Symbol {
    std::array<std::uint8_t, RoundUpToGf256Granularity(kMaxFecSymbol)> bytes;
  };
  struct Source {
    std::int64_t seq = 0;
    PacketLease packet;
  };
  /// All of one block's repair packets agree in all but `index`.
  struct Repair {
    bool used = false;
    std::int64_t base = 0;  ///< Of the block's first source packet, unwrapped.
    std::uint32_t media_ssrc = 0;
    std::uint8_t source_count = 0;
    std::uint8_t repair_count = 0;
    std::uint8_t index = 0;
    std::size_t symbol_size = 0;

    bool Covers(std::int64_t seq) const { return used && seq >= base && seq < base + source_count; }
  };

  bool IsForgotten(std::int64_t seq) const;
  const PacketLease* Find(std::int64_t seq) const;
  int CountMissing(const Repair& block) const;
  bool Fits(const FecRepair& repair, std::int64_t base);
  const Repair& Store(const FecRepair& repair, std::int64_t base, std::uint32_t media_ssrc);
  void TryRecover(Repair block, std::vector<Recovered>& out);
  bool Decode(const Repair& block, std::span<const int> slots);
  bool TakePackets(const Repair& block, std::vector<Recovered>& out);
  int Release(std::int64_t base);
  void Remember(std::int64_t seq, const PacketLease& packet);

  PacketPool& packets_;
  std::array<Source, kSourceRing> sources_{};
  std::optional<std::int64_t> newest_;
  std::array<Repair, kRepairRing> repairs_{};
  std::unique_ptr<Symbol[]> repair_symbols_;  ///< Of repairs_ by index.
  std::size_t next_repair_ = 0;
  std::unique_ptr<Symbol[]> source_symbols_;     ///< Scratch: of the block at hand.
  std::unique_ptr<Symbol[]> recovered_symbols_;  ///< Scratch: its missing ones.

  std::uint64_t received_repairs_ = 0;
  std::uint64_t recovered_packets_ = 0;
  std::uint64_t discarded_repairs_ = 0;
  std::uint64_t malformed_ = 0;
};

}  // namespace boardcast
