#include "recover/frame_assembler.h"

#include <algorithm>

#include "wire/h264_bitstream.h"

namespace boardcast {
namespace {

/// How long a whole key frame waits at least for the gap before it while the picture is right. A
/// retransmission within this time saves the frames in between, and the viewer sees no stop
/// (webrtc-stats calls 150 ms beyond the usual interval a freeze).
constexpr Duration kMinPatience = 100ms;

/// How far back a packet that came before the first one may lie.
constexpr std::int64_t kMaxEarlyReorder = 128;

bool HasTypeAt(Bytes payload, std::size_t position, NalType type) {
  return position < payload.size() && NalTypeOf(payload[position]) == type;
}

/// Whether this payload holds the beginning of a picture's first slice: then first_mb_in_slice,
/// which comes first in the slice header, is 0, in Exp-Golomb code a 1 bit. Not so for an IDR
/// picture: it needs the parameter sets before it, which may be what is missing.
bool BeginsPicture(Bytes payload) {
  std::size_t header = 0;
  if (HasTypeAt(payload, 0, NalType::kFuA)) {
    header = 1;
    if (payload.size() < 2 || (payload[1] & 0x80) == 0) return false;  // Not its start.
  }
  return HasTypeAt(payload, header, NalType::kNonIdrSlice) && header + 1 < payload.size() &&
         (payload[header + 1] & 0x80) != 0;
}

}  // namespace

FrameAssembler::FrameAssembler() : slots_(kWindow) { abandoned_.reserve(kWindow); }

bool FrameAssembler::Insert(std::int64_t seq, const RtpView& view, PacketLease packet,
                            Timestamp now) {
  newest_time_ = std::max(newest_time_, now);
  if (!MakeRoomFor(seq)) return false;
  Slot& slot = At(seq);
  if (slot.state == State::kArrived) return false;
  newest_ = std::max(newest_, seq);
  slot.state = State::kArrived;
  slot.marker = view.header.marker;
  slot.starts_key_frame = StartsKeyFrame(view.payload);
  slot.timestamp = view.header.timestamp;
  slot.time = now;
  slot.payload = view.payload;
  slot.packet = std::move(packet);
  key_frame_starts_ += slot.starts_key_frame;
  return true;
}

void FrameAssembler::GiveUp(std::int64_t seq, Timestamp now) {
  if (!next_ || seq < *next_ || seq >= *next_ + kWindow) return;
  Slot& slot = At(seq);
  if (slot.state != State::kMissing) return;
  slot.state = State::kLost;
  slot.time = now;
  newest_ = std::max(newest_, seq);
}

std::optional<AssembledFrame> FrameAssembler::PopComplete(ChunkPool& pool) {
  while (next_) {
    std::optional<Extent> extent = FindFrame(*next_, start_known_);
    if (!extent) extent = FindKeyFrameBehindGap();
    if (!extent) return std::nullopt;

    const bool key = extent->intact && IsKeyFrame(*extent);
    AssembledFrame frame;
    bool usable = false;
    if (key || synchronized_) {
      frame.chunk = pool.Acquire();
      if (!frame.chunk) return std::nullopt;
      if (extent->first != *next_ || !extent->intact) after_loss_ = true;
      usable = Assemble(*extent, frame);
    }
    ForgetBefore(extent->first, true, false);
    ForgetBefore(extent->next, extent->next_start_known, usable);
    if (usable) return frame;
  }
  return std::nullopt;
}

void FrameAssembler::TakeAbandoned(std::vector<std::int64_t>& abandoned) {
  abandoned.insert(abandoned.end(), abandoned_.begin(), abandoned_.end());
  abandoned_.clear();
}

/// Moves the window so that `seq` lies in it; false if it is too old.
bool FrameAssembler::MakeRoomFor(std::int64_t seq) {
  if (!next_) {
    next_ = newest_ = seq;
    return true;
  }
  if (seq < *next_) {
    // The very first packets may come out of order too.
    if (next_moved_ || *next_ - seq > kMaxEarlyReorder || newest_ - seq >= kWindow) return false;
    next_ = seq;
    return true;
  }
  if (seq - *next_ < kWindow) return true;
  after_loss_ = synchronized_;
  // After a jump what is here will never be complete.
  ForgetBefore(seq - newest_ < kWindow ? seq - kWindow + 1 : seq, false, false);
  return true;
}

/// The frame that begins at `from`, or after the lost packets there, if nothing in it is awaited.
std::optional<FrameAssembler::Extent> FrameAssembler::FindFrame(std::int64_t from,
                                                                bool start_known) const {
  std::int64_t first = from;
  while (first <= newest_ && At(first).state == State::kLost) ++first;
  if (first > newest_ || At(first).state != State::kArrived) return std::nullopt;

  const Slot& head = At(first);
  Extent extent{first, first, first, true, true};
  extent.intact =
      (start_known && first == from) || StartsWithSps(head.payload) || BeginsPicture(head.payload);
  for (std::int64_t seq = first; seq <= newest_; ++seq) {
    const Slot& slot = At(seq);
    if (slot.state == State::kMissing) return std::nullopt;
    if (slot.state == State::kLost) continue;
    const std::int64_t lost = seq == first ? 0 : seq - extent.last - 1;
    if (lost > 0) extent.intact = false;
    if (slot.timestamp != head.timestamp) {
      // The marker is lost, or the sender sets none. One lost packet is the one with the marker;
      // more of them may have been the beginning of the next frame.
      extent.next = seq;
      extent.next_start_known = lost <= 1;
      return extent;
    }
    extent.last = seq;
    if (slot.marker) {
      extent.next = seq + 1;
      return extent;
    }
  }
  return std::nullopt;
}

std::optional<FrameAssembler::Extent> FrameAssembler::FindKeyFrameBehindGap() const {
  if (key_frame_starts_ == 0) return std::nullopt;
  for (std::int64_t seq = *next_; seq <= newest_; ++seq) {
    if (!IsKeyFrameStart(seq)) continue;
    const std::optional<Extent> extent = FindFrame(seq, true);
    if (!extent || !extent->intact) continue;
    const Duration patience = std::max(after_loss_ ? Duration(0) : kMinPatience, playout_delay_);
    if (synchronized_ && newest_time_ - At(extent->last).time < patience) return std::nullopt;
    return extent;
  }
  return std::nullopt;
}

bool FrameAssembler::IsKeyFrameStart(std::int64_t seq) const {
  const Slot& slot = At(seq);
  if (slot.state != State::kArrived || !slot.starts_key_frame) return false;
  if (seq == *next_) return start_known_ || StartsWithSps(slot.payload);
  const Slot& before = At(seq - 1);
  if (before.state != State::kArrived) return StartsWithSps(slot.payload);
  return before.marker || before.timestamp != slot.timestamp;
}

bool FrameAssembler::IsKeyFrame(const Extent& extent) const {
  for (std::int64_t seq = extent.first; seq <= extent.last; ++seq) {
    if (At(seq).starts_key_frame) return true;
  }
  return false;
}

/// Fills `frame`; false if nothing in it can be handed out.
bool FrameAssembler::Assemble(const Extent& extent, AssembledFrame& frame) {
  EncodedChunk& chunk = *frame.chunk;
  chunk.data.clear();
  depacketizer_.Reset();
  bool intact = extent.intact;
  bool previous_arrived = true;
  frame.first_packet = At(extent.first).time;
  for (std::int64_t seq = extent.first; seq < extent.next; ++seq) {
    const Slot& slot = At(seq);
    frame.completed = std::max(frame.completed, slot.time);
    const bool arrived = slot.state == State::kArrived;
    if (!arrived && previous_arrived) depacketizer_.OnLoss(chunk.data);
    previous_arrived = arrived;
    if (!arrived) continue;
    ++frame.packets;
    frame.first_packet = std::min(frame.first_packet, slot.time);
    if (!depacketizer_.Append(slot.payload, chunk.data)) intact = false;
  }
  const std::size_t size = chunk.data.size();
  depacketizer_.OnLoss(chunk.data);
  if (chunk.data.size() != size) intact = false;

  const bool key = intact && IsKeyFrame(extent);
  if (chunk.data.empty() || (!key && !synchronized_)) {
    after_loss_ = synchronized_;
    return false;
  }
  after_loss_ = !key && (after_loss_ || !intact);
  synchronized_ = true;
  chunk.codec = Codec::kH264;
  chunk.key = key;
  chunk.complete = intact;
  chunk.rtp_timestamp = At(extent.first).timestamp;
  chunk.capture_time = {};
  chunk.coded_time = frame.completed;
  chunk.duration = Duration(0);
  chunk.media_time_us = 0;
  frame.after_loss = after_loss_;
  frame.unwrapped_rtp_timestamp = timestamps_.Unwrap(chunk.rtp_timestamp);
  ++counters_.frames_assembled;
  counters_.key_frames += key;
  counters_.frames_incomplete += !intact;
  return true;
}

/// Empties the window up to `seq`; `handed_out` says that what was there has become a frame.
void FrameAssembler::ForgetBefore(std::int64_t seq, bool start_known, bool handed_out) {
  if (seq == *next_) return;
  std::optional<std::uint32_t> timestamp;
  for (std::int64_t old = *next_; old < std::min(seq, *next_ + kWindow); ++old) {
    Slot& slot = At(old);
    if (slot.state == State::kMissing && abandoned_.size() < kWindow) abandoned_.push_back(old);
    if (slot.state == State::kArrived && slot.timestamp != timestamp) {
      timestamp = slot.timestamp;
      counters_.frames_dropped += !handed_out;
      if (!synchronized_) dropped_unsynchronized_ = true;
    }
    key_frame_starts_ -= slot.starts_key_frame;
    slot = Slot();
  }
  next_ = seq;
  newest_ = std::max(newest_, seq - 1);
  next_moved_ = true;
  start_known_ = start_known;
}

}  // namespace boardcast
