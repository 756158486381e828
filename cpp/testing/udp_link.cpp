#include "testing/udp_link.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <span>
#include <utility>

namespace boardcast {
namespace {

constexpr const char* kHost = "127.0.0.1";

constexpr int kRealtimePriority = 10;

// Both emulators full, and one batch being received.
constexpr std::size_t kPackets = 2 * NetworkEmulator::kDefaultCapacity + UdpSocket::kMaxBatch;

Result<UdpSocket> BindLoopback(std::uint16_t port) {
  const Result<SocketAddress> address = SocketAddress::Parse(kHost, port);
  if (!address) return address.error();
  return UdpSocket::Bind(*address);
}

}  // namespace

Result<std::unique_ptr<UdpLink>> UdpLink::Start(const Config& config) {
  Result<std::unique_ptr<EventLoop>> loop = EventLoop::Create();
  if (!loop) return loop.error();
  const Result<SocketAddress> target = SocketAddress::Parse(kHost, config.target_port);
  if (!target) return target.error();
  Result<UdpSocket> front = BindLoopback(config.listen_port);
  if (!front) return front.error();
  Result<UdpSocket> back = BindLoopback(0);
  if (!back) return back.error();
  std::unique_ptr<UdpLink> link(new UdpLink(
      config, std::move(loop).value(), std::move(front).value(), std::move(back).value(), *target));
  if (Status running = link->Run(); !running) return running.error();
  return link;
}

UdpLink::UdpLink(const Config& config, std::unique_ptr<EventLoop> loop, UdpSocket front,
                 UdpSocket back, const SocketAddress& target)
    : pool_(kPackets),
      loop_(std::move(loop)),
      front_{std::move(front), NetworkEmulator(config.from_target, ~config.seed)},
      back_{std::move(back), NetworkEmulator(config.to_target, config.seed), target} {
  for (PacketLease& packet : inbox_) packet = pool_.Acquire();
}

UdpLink::~UdpLink() { loop_->Stop(); }

Status UdpLink::Run() {
  const auto from_front = [this](std::uint32_t) { Receive(front_, back_); };
  const auto from_back = [this](std::uint32_t) { Receive(back_, front_); };
  if (Status s = loop_->AddFd(front_.socket.fd(), EPOLLIN, from_front); !s) return s;
  if (Status s = loop_->AddFd(back_.socket.fd(), EPOLLIN, from_back); !s) return s;
  loop_->OnDeadline([this] { Flush(); });
  Result<Thread> thread = Thread::Start("udp link", [this] {
    // Where the system allows it, a busy machine then adds nothing to the delay asked for.
    (void)RequestRealtime(kRealtimePriority);
    loop_->Run();
  });
  if (!thread) return thread.error();
  thread_ = std::move(thread).value();
  return Ok{};
}

void UdpLink::Receive(Side& from, Side& to) {
  const Result<std::size_t> received = from.socket.ReceiveBatch(inbox_, sources_);
  if (!received) return;
  for (std::size_t i = 0; i < *received; ++i) {
    if (&from == &front_) front_.peer = sources_[i];
    const Timestamp arrived = inbox_[i]->time;
    to.emulator.Send(std::exchange(inbox_[i], PacketLease()), arrived);
    inbox_[i] = pool_.Acquire();
    assert(inbox_[i]);
  }
  Flush();
}

void UdpLink::Flush() {
  const Timestamp now = MonotonicNow();
  Deliver(front_, now);
  Deliver(back_, now);
  const std::optional<Timestamp> front_next = front_.emulator.NextDeadline();
  const std::optional<Timestamp> back_next = back_.emulator.NextDeadline();
  loop_->SetDeadline(front_next && back_next ? std::min(front_next, back_next)
                     : front_next            ? front_next
                                             : back_next);
  const std::scoped_lock lock(mutex_);
  counters_ = {back_.emulator.counters(), front_.emulator.counters()};
}

void UdpLink::Deliver(Side& side, Timestamp now) {
  std::array<PacketLease, UdpSocket::kMaxBatch> packets;
  std::array<OutgoingDatagram, UdpSocket::kMaxBatch> datagrams;
  for (std::size_t count = packets.size(); count == packets.size();) {
    count = 0;
    while (count < packets.size() && (packets[count] = side.emulator.PopDue(now))) {
      datagrams[count] = {packets[count]->bytes(), side.peer};
      ++count;
    }
    if (!side.peer.valid()) continue;
    // A full socket buffer is one more way to lose packets.
    (void)side.socket.SendBatch(std::span(datagrams).first(count));
  }
}

bool UdpLink::SetConditions(const NetworkConditions& to_target,
                            const NetworkConditions& from_target) {
  return loop_->Post([this, to_target, from_target] {
    back_.emulator.SetConditions(to_target);
    front_.emulator.SetConditions(from_target);
  });
}

UdpLink::Counters UdpLink::counters() const {
  const std::scoped_lock lock(mutex_);
  return counters_;
}

}  // namespace boardcast
