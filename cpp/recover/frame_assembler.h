#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/seq_num.h"
#include "base/time.h"
#include "media/encoded_chunk.h"
#include "media/packet.h"
#include "wire/h264_depacketizer.h"
#include "wire/rtp.h"

namespace boardcast {

/// One access unit as it came out of the network.
struct AssembledFrame {
  ChunkLease chunk;          ///< Capture, duration and media time are left to the owner.
  Timestamp first_packet{};  ///< When the first of its packets arrived.
  Timestamp completed{};     ///< When the last one arrived, was recovered, or was given up.
  std::int64_t unwrapped_rtp_timestamp = 0;
  int packets = 0;          ///< That arrived or were recovered.
  bool after_loss = false;  ///< It, or one since the last whole key frame, is not as it was sent.
};

struct FrameAssemblerCounters {
  std::uint64_t frames_assembled = 0;  ///< Handed out, incomplete ones included.
  std::uint64_t frames_incomplete = 0;
  std::uint64_t frames_dropped = 0;  ///< Of which packets arrived, but which were not handed out.
  std::uint64_t key_frames = 0;      ///< Whole ones handed out.
};

/// Joins the packets of one H.264 stream (RFC 6184), in any order and with duplicates, to access
/// units in decoding order.
///
/// A frame reaches from the packet after the last frame's marker bit to its own (RFC 3550 section
/// 5.1, RFC 6184 section 5.1). Nothing is handed out before the first whole key frame. A gap holds
/// everything behind it until it is filled or given up. But when a whole key frame waits there, and
/// it is time to play it, what came before it is forgotten. Pure; holds at most kWindow packets.
/// Thread: network loop.
class FrameAssembler {
 public:
  /// Packets from the oldest one still wanted to the newest; beyond this the oldest are dropped.
  static constexpr std::int64_t kWindow = 1024;

  FrameAssembler();

  /// Takes a plain RTP packet; `view` points into it. False if it is a duplicate or no longer
  /// wanted.
  bool Insert(std::int64_t seq, const RtpView& view, PacketLease packet, Timestamp now);

  /// This packet will never come: its frame need not wait for it.
  void GiveUp(std::int64_t seq, Timestamp now);

  /// The next frame in decoding order if it is ready; call until there is none. When `pool` is
  /// empty the frame stays for the next call.
  std::optional<AssembledFrame> PopComplete(ChunkPool& pool);

  /// How long after its arrival a frame is played: so long a whole key frame waits for the gap
  /// before it. Default 0; while the picture is right it waits 100 ms at least.
  void SetPlayoutDelay(Duration delay) { playout_delay_ = delay; }

  /// Moves the numbers of missing packets that are no longer wanted to the end of `abandoned`.
  void TakeAbandoned(std::vector<std::int64_t>& abandoned);

  /// Whether only a key frame makes the picture right again.
  bool needs_key_frame() const { return synchronized_ ? after_loss_ : dropped_unsynchronized_; }

  const FrameAssemblerCounters& counters() const { return counters_; }

 private:
  enum class State { kMissing, kArrived, kLost };

  struct Slot {
    State state = State::kMissing;
    bool marker = false;
    bool starts_key_frame = false;
    std::uint32_t timestamp = 0;
    Timestamp time{};  ///< Arrived or given up.
    Bytes payload;
    PacketLease packet;
  };

  /// The packets of a frame, and where the next frame begins.
  struct Extent {
    std::int64_t first;
    std::int64_t last;
    std::int64_t next;
    bool intact;            ///< From its first packet to its last, nothing is missing.
    bool next_start_known;  ///< `next` is certainly the first packet of a frame.
  };

  Slot& At(std::int64_t seq) { return slots_[static_cast<std::size_t>(seq) % kWindow]; }
  const Slot& At(std::int64_t seq) const { return slots_[static_cast<std::size_t>(seq) % kWindow]; }

  bool MakeRoomFor(std::int64_t seq);
  std::optional<Extent> FindFrame(std::int64_t from, bool start_known) const;
  std::optional<Extent> FindKeyFrameBehindGap() const;
  bool IsKeyFrameStart(std::int64_t seq) const;
  bool IsKeyFrame(const Extent& extent) const;
  bool Assemble(const Extent& extent, AssembledFrame& frame);
  void ForgetBefore(std::int64_t seq, bool start_known, bool handed_out);

  std::vector<Slot> slots_;           ///< Slots outside next_ .. newest_ are kMissing.
  std::optional<std::int64_t> next_;  ///< First packet of the frame wanted next.
  std::int64_t newest_ = 0;           ///< Newest packet that arrived or was given up.
  Timestamp newest_time_{};
  Duration playout_delay_{0};
  bool start_known_ = false;   ///< next_ is certainly the first packet of a frame.
  bool next_moved_ = false;    ///< next_ is no longer the first packet that ever arrived.
  bool synchronized_ = false;  ///< A key frame was handed out.
  bool after_loss_ = false;
  bool dropped_unsynchronized_ = false;
  std::int64_t key_frame_starts_ = 0;  ///< Slots with starts_key_frame.
  std::vector<std::int64_t> abandoned_;
  H264Depacketizer depacketizer_;
  RtpTimestampUnwrapper timestamps_;
  FrameAssemblerCounters counters_;
};

}  // namespace boardcast
