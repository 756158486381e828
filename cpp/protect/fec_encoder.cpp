#include "protect/fec_encoder.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "kernels/reed_solomon.h"

namespace boardcast {
namespace {

constexpr int kMaxSources = static_cast<int>(kMaxFecSourceCount);
constexpr int kMaxRepairs = static_cast<int>(kMaxFecRepairCount);
static_assert(kMaxFecSourceCount <= kMaxReedSolomonSources);
static_assert(kMaxFecRepairCount <= kMaxReedSolomonRepairs);

/// Sums of ratios such as 0.1 fall short of whole numbers by less than this.
constexpr double kRounding = 1e-6;

int DivideUp(int dividend, int divisor) { return (dividend + divisor - 1) / divisor; }

}  // namespace

FecEncoder::FecEncoder(int max_block_frames)
    : max_block_frames_(max_block_frames),
      sources_(std::make_unique_for_overwrite<Symbol[]>(kMaxPending)),
      repairs_(std::make_unique_for_overwrite<Symbol[]>(kMaxFecRepairCount)) {}

void FecEncoder::SetRepairRatio(double ratio, double key_frame_ratio) {
  ratio_ = std::clamp(ratio, 0.0, 2.0);
  key_frame_ratio_ = std::clamp(key_frame_ratio, 0.0, 2.0);
  if (ratio_ == 0 && key_frame_ratio_ == 0) {
    Restart();
    credit_ = 0;
  }
}

void FecEncoder::AddSource(Bytes rtp_packet) {
  if (ratio_ == 0 && key_frame_ratio_ == 0) return;
  if (closed_) Restart();
  if (source_count_ == kMaxPending) {
    ++unprotected_packets_;
    return;
  }
  ByteReader reader(rtp_packet);
  reader.Skip(2);
  const std::uint16_t sequence_number = reader.U16();
  if (source_count_ == 0) base_sequence_number_ = sequence_number;
  assert(sequence_number == static_cast<std::uint16_t>(base_sequence_number_ + source_count_));

  const std::size_t size = WriteFecSymbol(rtp_packet, sources_[source_count_].bytes);
  assert(size != 0);
  source_sizes_[source_count_++] = static_cast<std::uint16_t>(size);
}

int FecEncoder::EndFrame(bool key) {
  if (closed_) Restart();
  const int frame_size = source_count_ - frame_start_;
  if (frame_size == 0) return 0;
  ++frames_;
  if (key) {
    if (frame_start_ > 0) CloseBlocks(0, frame_start_, TakeCredit());
    credit_ += frame_size * key_frame_ratio_;
    const int repairs = std::max(1, static_cast<int>(credit_ + kRounding));
    CloseBlocks(frame_start_, frame_size, repairs);
    // Small key frames must not leave the others without protection for long.
    credit_ = std::max(-1.0, credit_ - repairs);
  } else {
    credit_ += frame_size * ratio_;
    const bool overdue = frames_ >= max_block_frames_ && credit_ > kRounding;
    if (credit_ + kRounding < 1 && !overdue && source_count_ < kMaxSources) {
      frame_start_ = source_count_;
      return 0;
    }
    CloseBlocks(0, source_count_, TakeCredit());
  }
  closed_ = true;
  return repair_count_;
}

std::size_t FecEncoder::WriteRepair(int index, MutableBytes out) {
  assert(index >= 0 && index < repair_count_);
  const Block* block = blocks_.data();
  while (index >= block->first_repair + block->repair_count) ++block;
  if (block != encoded_block_) Encode(*block);
  encoded_block_ = block;

  const int row = index - block->first_repair;
  FecRepair repair;
  repair.source_count = static_cast<std::uint8_t>(block->source_count);
  repair.repair_count = static_cast<std::uint8_t>(block->repair_count);
  repair.repair_index = static_cast<std::uint8_t>(row);
  repair.base_sequence_number =
      static_cast<std::uint16_t>(base_sequence_number_ + block->first_source);
  repair.symbol = Bytes(repairs_[row].bytes).first(SymbolSize(*block));
  return WriteFecRepair(repair, out);
}

/// The whole credits, or one that is borrowed if there is any credit at all.
int FecEncoder::TakeCredit() {
  const int repairs = credit_ > kRounding ? std::max(1, static_cast<int>(credit_ + kRounding)) : 0;
  credit_ -= repairs;
  return repairs;
}

/// Splits the sources and their repair packets evenly into as few blocks as hold them.
void FecEncoder::CloseBlocks(int first_source, int source_count, int repair_count) {
  const int count =
      std::max(DivideUp(source_count, kMaxSources), DivideUp(repair_count, kMaxRepairs));
  for (int i = 0; i < count; ++i) {
    const int source = source_count * i / count;
    const int repair = repair_count * i / count;
    Block block;
    block.first_source = first_source + source;
    block.source_count = source_count * (i + 1) / count - source;
    block.first_repair = repair_count_;
    block.repair_count = repair_count * (i + 1) / count - repair;
    if (block.repair_count == 0) continue;
    assert(block_count_ < kMaxBlocks);
    blocks_[block_count_++] = block;
    repair_count_ += block.repair_count;
  }
}

std::size_t FecEncoder::SymbolSize(const Block& block) const {
  const auto first = source_sizes_.begin() + block.first_source;
  return *std::max_element(first, first + block.source_count);
}

void FecEncoder::Encode(const Block& block) {
  std::array<const std::uint8_t*, kMaxFecSourceCount> sources;
  std::array<std::uint8_t*, kMaxFecRepairCount> repairs;
  for (int j = 0; j < block.source_count; ++j) {
    sources[j] = sources_[block.first_source + j].bytes.data();
  }
  for (int i = 0; i < block.repair_count; ++i) repairs[i] = repairs_[i].bytes.data();
  ReedSolomonEncode({sources.data(), static_cast<std::size_t>(block.source_count)},
                    {repairs.data(), static_cast<std::size_t>(block.repair_count)},
                    RoundUpToGf256Granularity(SymbolSize(block)));
}

void FecEncoder::Restart() {
  source_count_ = frame_start_ = frames_ = 0;
  block_count_ = repair_count_ = 0;
  encoded_block_ = nullptr;
  closed_ = false;
}

}  // namespace boardcast
