#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "kernels/gf256.h"
#include "wire/fec_payload.h"

namespace boardcast {

/// Makes the repair packets of one RTP stream (wire/fec_payload.h).
///
/// Every source packet earns a credit of `ratio` repair packets. At the end of a frame whole
/// credits become repair packets over all source packets since the last block, so that blocks span
/// several frames when the ratio is low, and the overhead is exact in the long run. A block that
/// has waited for `max_block_frames` frames borrows its repair packet. A key frame is a block of
/// its own, since everything after it depends on it.
///
/// Pure; no allocation after construction. Thread: bound to the network loop.
class FecEncoder {
 public:
  explicit FecEncoder(int max_block_frames = 4);

  /// Repair packets for each source packet, 0 to 2, of key frames and of all others; both 0 (the
  /// default) is off. Unless it is off, a key frame gets one at least.
  void SetRepairRatio(double ratio, double key_frame_ratio);

  /// Adds the next packet of the frame: plain RTP of at most kMaxDatagram, sequence numbers
  /// consecutive from call to call. Ends the validity of the last frame's repair packets.
  void AddSource(Bytes rtp_packet);

  /// Ends the frame. Returns how many repair packets are to be sent now.
  int EndFrame(bool key);

  /// Writes the RTP payload of repair packet `index`, in rising order for speed. Returns its size:
  /// kFecHeaderSize + kFecSymbolHeaderSize more than the longest source payload; 0 if `out` is too
  /// small.
  std::size_t WriteRepair(int index, MutableBytes out);

  /// Packets left without protection because their frame was larger than kMaxPending packets.
  std::uint64_t unprotected_packets() const { return unprotected_packets_; }

  static constexpr int kMaxPending = 480;

 private:
  struct alignas(64) Symbol {
    std::array<std::uint8_t, RoundUpToGf256Granularity(kMaxFecSymbol)> bytes;
  };
  struct Block {
    int first_source = 0;
    int source_count = 0;
    int first_repair = 0;
    int repair_count = 0;
  };

  int TakeCredit();
  void CloseBlocks(int first_source, int source_count, int repair_count);
  std::size_t SymbolSize(const Block& block) const;
  void Encode(const Block& block);
  void Restart();

  // A frame earns less than 2 * kMaxPending + 1 repair packets, and the frames before it one.
  static constexpr int kMaxBlocks = 1 + (2 * kMaxPending + 1) / kMaxFecRepairCount + 1;

  const int max_block_frames_;
  double ratio_ = 0;
  double key_frame_ratio_ = 0;
  double credit_ = 0;

  std::unique_ptr<Symbol[]> sources_;  ///< Zeros behind each symbol.
  std::array<std::uint16_t, kMaxPending> source_sizes_{};
  std::uint16_t base_sequence_number_ = 0;  ///< Of sources_[0].
  int source_count_ = 0;
  int frame_start_ = 0;  ///< Index of the current frame's first source.
  int frames_ = 0;       ///< Ended since the last block.
  bool closed_ = false;  ///< The sources are in blocks: the next packet starts anew.

  std::array<Block, kMaxBlocks> blocks_{};
  int block_count_ = 0;
  int repair_count_ = 0;
  std::unique_ptr<Symbol[]> repairs_;     ///< Of one block at a time.
  const Block* encoded_block_ = nullptr;  ///< The one that repairs_ belongs to.
  std::uint64_t unprotected_packets_ = 0;
};

}  // namespace boardcast
