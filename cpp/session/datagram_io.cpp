#include "session/datagram_io.h"

namespace boardcast {

Result<DatagramIo> DatagramIo::Open(const SocketAddress& local) {
  auto socket = UdpSocket::Bind(local);
  if (!socket) return std::move(socket).error();
  return DatagramIo(std::move(*socket));
}

void DatagramIo::Send(std::vector<PacketLease>& packets, const SocketAddress& peer) {
  outgoing_.clear();
  for (const PacketLease& packet : packets) outgoing_.push_back({packet->bytes(), peer});
  const auto sent = socket_.SendBatch(outgoing_);
  dropped_ += outgoing_.size() - (sent ? *sent : 0);
  packets.clear();
}

Status DatagramIo::Receive(PacketPool& pool, const Handle& handle) {
  while (true) {
    std::size_t room = 0;
    for (PacketLease& lease : incoming_) {
      if (!lease) lease = pool.Acquire();
      if (!lease) break;
      ++room;
    }
    if (room == 0) return Ok{};
    const auto count =
        socket_.ReceiveBatch(std::span(incoming_).first(room), std::span(sources_).first(room));
    if (!count) return count.error();
    for (std::size_t i = 0; i < *count; ++i) handle(std::move(incoming_[i]), sources_[i]);
    if (*count < room) return Ok{};
  }
}

}  // namespace boardcast
