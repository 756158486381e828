#pragma once

#include <cstddef>
#include <cstdint>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/result.h"
#include "media/packet.h"
#include "wire/rtp.h"

namespace boardcast {

// The repair stream of the Reed-Solomon block code: repair packets are their own RTP stream, source
// packets stay plain RTP (the idea of RFC 6865 and RFC 8627). A block is k source packets with
// consecutive sequence numbers, protected by m repair packets; any k of the k + m give all.
//
// RTP payload of a repair packet:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   scheme = 1  |       k       |       m       | repair index  |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   | base sequence number (source) |        repair symbol ...      |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// All symbols of a block are as long as its longest source symbol; shorter ones count as padded
// with zeros. Source symbol, from which the packet comes back once sequence number and SSRC are
// known:
//
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |0 0|P|X|  CC   |M| payload type|  bytes after the fixed header |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                         RTP timestamp                         |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |    everything after the fixed header, then zeros as padding   |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

inline constexpr std::size_t kFecHeaderSize = 6;
inline constexpr std::size_t kFecSymbolHeaderSize = 8;
inline constexpr std::size_t kMaxFecSourceCount = 48;
inline constexpr std::size_t kMaxFecRepairCount = 32;

/// Longest symbol in bytes: that of a source packet of kMaxDatagram.
inline constexpr std::size_t kMaxFecSymbol = kFecSymbolHeaderSize + kMaxDatagram - kRtpHeaderSize;

/// Largest payload in bytes of a source packet whose repair packets stay within kMaxRtpPayload (and
/// its retransmission too, which needs less).
inline constexpr std::size_t kMaxProtectedPayload =
    kMaxRtpPayload - kFecHeaderSize - kFecSymbolHeaderSize;

/// A repair packet's payload; `symbol` points into the bytes that were parsed.
struct FecRepair {
  std::uint8_t source_count = 1;           ///< k, 1 to kMaxFecSourceCount.
  std::uint8_t repair_count = 1;           ///< m, 1 to kMaxFecRepairCount.
  std::uint8_t repair_index = 0;           ///< Below m.
  std::uint16_t base_sequence_number = 0;  ///< Of the block's first source packet.
  Bytes symbol;
};

/// kUnsupported for a scheme of the future, kMalformed for values out of range.
Result<FecRepair> ParseFecRepair(Bytes payload);

/// Returns the size, or 0 if `out` is too small. An encoder that computes the symbol in place fills
/// `out` from kFecHeaderSize on and passes just that as `repair.symbol`.
std::size_t WriteFecRepair(const FecRepair& repair, MutableBytes out);

/// Writes the source symbol of `rtp_packet` and fills the rest of `out` with zeros. Returns the
/// size without those zeros, or 0 if the packet has no whole RTP header or `out` is too small.
std::size_t WriteFecSymbol(Bytes rtp_packet, MutableBytes out);

/// The way back: writes the source packet into `out` and returns its size. What is written is
/// well-formed RTP with zero padding behind it, else kMalformed: symbols come from a peer.
Result<std::size_t> PacketFromFecSymbol(Bytes symbol, std::uint16_t sequence_number,
                                        std::uint32_t ssrc, MutableBytes out);

}  // namespace boardcast
