#include "testing/network_emulator.h"

#include <algorithm>
#include <utility>

namespace boardcast {

NetworkEmulator::NetworkEmulator(const NetworkConditions& conditions, std::uint64_t seed,
                                 std::size_t capacity)
    : conditions_(conditions), random_(seed), pool_(capacity), capacity_(capacity) {
  transits_.reserve(capacity);
}

bool NetworkEmulator::Later(const Transit& a, const Transit& b) {
  return a.due != b.due ? a.due > b.due : a.order > b.order;
}

NetworkEmulator::Fate NetworkEmulator::Draw() {
  // Always the same number of draws: turning on jitter does not change which packets are lost.
  const double loss = random_.Unit();
  const double state_change = random_.Unit();
  const double burst = random_.Unit();
  const double jitter = random_.Unit();
  const double reorder = random_.Unit();
  const double duplicate = random_.Unit();

  Fate fate{};
  fate.lost = loss * 100 < conditions_.loss_percent;
  if (const auto& model = conditions_.burst_loss) {
    if (state_change < (bad_state_ ? model->bad_to_good : model->good_to_bad)) {
      bad_state_ = !bad_state_;
    }
    if (burst < (bad_state_ ? model->loss_bad : model->loss_good)) fate.lost = true;
  }
  fate.jitter =
      Duration(static_cast<std::int64_t>(jitter * static_cast<double>(conditions_.jitter.count())));
  fate.reordered = reorder * 100 < conditions_.reorder_percent;
  fate.duplicated = duplicate * 100 < conditions_.duplicate_percent;
  return fate;
}

// When the last bit of the packet has entered the link; nothing if its queue is full.
std::optional<Timestamp> NetworkEmulator::PassRateLimit(std::size_t size, Timestamp now) {
  if (conditions_.rate_bps <= 0) return now;
  const Timestamp start = std::max(now, link_free_);
  if (start - now > kMaxRateQueue) return std::nullopt;
  link_free_ = start + TicksToDuration(static_cast<std::int64_t>(size) * 8, conditions_.rate_bps);
  return link_free_;
}

void NetworkEmulator::Send(Bytes bytes, Timestamp now) {
  PacketLease packet = pool_.Acquire();
  if (!packet) {
    ++counters_.sent;
    ++counters_.overflowed;
    return;
  }
  packet->size = std::min(bytes.size(), kMaxDatagram);
  std::copy_n(bytes.begin(), packet->size, packet->buffer.begin());
  packet->time = now;
  Send(std::move(packet), now);
}

void NetworkEmulator::Send(PacketLease packet, Timestamp now) {
  ++counters_.sent;
  const Fate fate = Draw();
  const std::optional<Timestamp> entered = PassRateLimit(packet->size, now);
  if (!entered) {
    ++counters_.overflowed;
    return;
  }
  if (fate.lost) {
    ++counters_.lost;
    return;
  }
  Timestamp due = *entered + conditions_.delay + fate.jitter;
  if (fate.reordered) {
    due += kReorderDelay;
  } else {
    last_due_ = due = std::max(due, last_due_);
  }
  if (fate.duplicated) {
    ++counters_.duplicated;
    Schedule(packet.Share(), due);
  }
  Schedule(std::move(packet), due);
}

void NetworkEmulator::Schedule(PacketLease packet, Timestamp due) {
  if (transits_.size() == capacity_) {
    ++counters_.overflowed;
    return;
  }
  transits_.push_back({due, next_order_++, std::move(packet)});
  std::push_heap(transits_.begin(), transits_.end(), Later);
}

PacketLease NetworkEmulator::PopDue(Timestamp now) {
  if (transits_.empty() || transits_.front().due > now) return {};
  std::pop_heap(transits_.begin(), transits_.end(), Later);
  PacketLease packet = std::move(transits_.back().packet);
  transits_.pop_back();
  ++counters_.delivered;
  return packet;
}

std::optional<Timestamp> NetworkEmulator::NextDeadline() const {
  if (transits_.empty()) return std::nullopt;
  return transits_.front().due;
}

}  // namespace boardcast
