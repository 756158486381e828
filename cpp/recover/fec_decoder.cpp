#include "recover/fec_decoder.h"

#include <algorithm>
#include <utility>

#include "kernels/reed_solomon.h"

namespace boardcast {

static_assert(kMaxFecSourceCount <= kMaxReedSolomonSources);
static_assert(kMaxFecRepairCount <= kMaxReedSolomonRepairs);

FecDecoder::FecDecoder(PacketPool& packets)
    : packets_(packets),
      repair_symbols_(std::make_unique_for_overwrite<Symbol[]>(kRepairRing)),
      source_symbols_(std::make_unique_for_overwrite<Symbol[]>(kMaxFecSourceCount)),
      recovered_symbols_(std::make_unique_for_overwrite<Symbol[]>(kMaxFecRepairCount)) {}

void FecDecoder::OnSource(std::int64_t seq, const PacketLease& packet,
                          std::vector<Recovered>& out) {
  if (IsForgotten(seq) || Find(seq)) return;
  Remember(seq, packet);
  const auto block =
      std::ranges::find_if(repairs_, [seq](const Repair& repair) { return repair.Covers(seq); });
  if (block != repairs_.end()) TryRecover(*block, out);
}

void FecDecoder::OnRepair(Bytes payload, std::uint32_t media_ssrc, std::vector<Recovered>& out) {
  ++received_repairs_;
  const Result<FecRepair> repair = ParseFecRepair(payload);
  if (!repair) {
    ++malformed_;
    return;
  }
  if (!newest_) {
    // Without a source packet there is nothing to unwrap the sequence number by.
    ++discarded_repairs_;
    return;
  }
  const auto step = static_cast<std::uint16_t>(repair->base_sequence_number -
                                               static_cast<std::uint16_t>(*newest_));
  const std::int64_t base = *newest_ + static_cast<std::int16_t>(step);
  const std::int64_t last = base + repair->source_count - 1;
  if (IsForgotten(base) || last >= *newest_ + static_cast<std::int64_t>(kSourceRing)) {
    ++discarded_repairs_;
    return;
  }
  if (!Fits(*repair, base)) return;
  TryRecover(Store(*repair, base, media_ssrc), out);
}

bool FecDecoder::CanStillRecover(std::int64_t seq) const {
  if (Find(seq)) return false;
  const Repair* block = nullptr;
  int seen = 0;
  int highest_index = -1;
  for (const Repair& repair : repairs_) {
    if (!repair.Covers(seq) || (block && repair.base != block->base)) continue;
    block = &repair;
    ++seen;
    highest_index = std::max<int>(highest_index, repair.index);
  }
  if (!block || IsForgotten(block->base)) return false;
  // They are sent in the order of their indexes: of those before the highest no more will come.
  return seen + block->repair_count - 1 - highest_index >= CountMissing(*block);
}

bool FecDecoder::IsForgotten(std::int64_t seq) const {
  return newest_ && seq <= *newest_ - static_cast<std::int64_t>(kSourceRing);
}

const PacketLease* FecDecoder::Find(std::int64_t seq) const {
  const Source& source = sources_[static_cast<std::uint64_t>(seq) % kSourceRing];
  return source.packet && source.seq == seq ? &source.packet : nullptr;
}

void FecDecoder::Remember(std::int64_t seq, const PacketLease& packet) {
  sources_[static_cast<std::uint64_t>(seq) % kSourceRing] = {seq, packet.Share()};
  newest_ = std::max(newest_.value_or(seq), seq);
}

int FecDecoder::CountMissing(const Repair& block) const {
  int missing = 0;
  for (int j = 0; j < block.source_count; ++j) missing += !Find(block.base + j);
  return missing;
}

/// Whether `repair` is new and agrees with what is known of its block; counts it if not.
bool FecDecoder::Fits(const FecRepair& repair, std::int64_t base) {
  for (const Repair& known : repairs_) {
    if (!known.used || known.base != base) continue;
    if (known.source_count != repair.source_count || known.repair_count != repair.repair_count ||
        known.symbol_size != repair.symbol.size()) {
      ++malformed_;
      return false;
    }
    if (known.index == repair.repair_index) {
      ++discarded_repairs_;
      return false;
    }
  }
  return true;
}

/// Puts `repair` in the place of the oldest.
const FecDecoder::Repair& FecDecoder::Store(const FecRepair& repair, std::int64_t base,
                                            std::uint32_t media_ssrc) {
  const std::size_t slot = next_repair_;
  next_repair_ = (next_repair_ + 1) % kRepairRing;
  if (repairs_[slot].used) ++discarded_repairs_;
  repairs_[slot] = {true,
                    base,
                    media_ssrc,
                    repair.source_count,
                    repair.repair_count,
                    repair.repair_index,
                    repair.symbol.size()};
  auto& bytes = repair_symbols_[slot].bytes;
  const auto end = std::ranges::copy(repair.symbol, bytes.begin()).out;
  std::fill(end, bytes.begin() + RoundUpToGf256Granularity(repair.symbol.size()), std::uint8_t{0});
  return repairs_[slot];
}

/// `block` is any of its repair packets, by value since they may be released.
void FecDecoder::TryRecover(Repair block, std::vector<Recovered>& out) {
  const int missing = CountMissing(block);
  if (missing == 0 || IsForgotten(block.base)) {
    discarded_repairs_ += static_cast<std::uint64_t>(Release(block.base));
    return;
  }
  std::array<int, kRepairRing> slots;
  int found = 0;
  for (std::size_t slot = 0; slot < kRepairRing && found < missing; ++slot) {
    const Repair& repair = repairs_[slot];
    if (repair.used && repair.base == block.base) slots[found++] = static_cast<int>(slot);
  }
  if (found < missing) return;
  if (!Decode(block, std::span(slots).first(static_cast<std::size_t>(missing)))) {
    ++malformed_;
    Release(block.base);
    return;
  }
  if (TakePackets(block, out)) Release(block.base);
}

/// Solves for the missing source symbols; false if the block contradicts a packet that it covers.
bool FecDecoder::Decode(const Repair& block, std::span<const int> slots) {
  std::array<const std::uint8_t*, kMaxFecSourceCount> sources{};
  std::array<ReedSolomonRepair, kMaxFecRepairCount> repairs;
  std::array<std::uint8_t*, kMaxFecRepairCount> recovered;
  for (int j = 0; j < block.source_count; ++j) {
    const PacketLease* packet = Find(block.base + j);
    if (!packet) continue;
    auto& bytes = source_symbols_[j].bytes;
    const std::size_t size = WriteFecSymbol((*packet)->bytes(), bytes);
    if (size == 0 || size > block.symbol_size) return false;
    sources[j] = bytes.data();
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    repairs[i] = {repairs_[slots[i]].index, repair_symbols_[slots[i]].bytes.data()};
    recovered[i] = recovered_symbols_[i].bytes.data();
  }
  ReedSolomonDecode({sources.data(), block.source_count}, {repairs.data(), slots.size()},
                    {recovered.data(), slots.size()}, RoundUpToGf256Granularity(block.symbol_size));
  return true;
}

/// Makes packets of the recovered symbols, all or none. False if buffers were lacking: then the
/// block stays for another try.
bool FecDecoder::TakePackets(const Repair& block, std::vector<Recovered>& out) {
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  const Symbol* symbol = recovered_symbols_.get();
  for (std::int64_t seq = block.base; seq < block.base + block.source_count; ++seq) {
    if (Find(seq)) continue;
    PacketLease packet = packets_.Acquire();
    if (!packet) {
      out.erase(out.begin() + first, out.end());
      return false;
    }
    const Result<std::size_t> size =
        PacketFromFecSymbol(Bytes(symbol->bytes).first(block.symbol_size),
                            static_cast<std::uint16_t>(seq), block.media_ssrc, packet->room());
    if (!size) {
      ++malformed_;
      out.erase(out.begin() + first, out.end());
      return true;
    }
    packet->size = *size;
    packet->time = {};
    out.push_back({seq, std::move(packet)});
    ++symbol;
  }
  for (auto it = out.begin() + first; it != out.end(); ++it) Remember(it->seq, it->packet);
  recovered_packets_ += static_cast<std::uint64_t>(out.end() - out.begin() - first);
  return true;
}

/// Forgets the block's repair packets and returns how many there were.
int FecDecoder::Release(std::int64_t base) {
  int released = 0;
  for (Repair& repair : repairs_) {
    if (!repair.used || repair.base != base) continue;
    repair.used = false;
    ++released;
  }
  return released;
}

}  // namespace boardcast
