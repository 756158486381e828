#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "connect/udp_socket.h"
#include "media/packet.h"

namespace boardcast {

/// A socket with the buffers for its batches. Thread: network loop.
class DatagramIo {
 public:
  static Result<DatagramIo> Open(const SocketAddress& local);

  /// Sends all to `peer` and empties `packets`. What the socket's buffer has no room for is lost,
  /// and counted, as on any full link.
  void Send(std::vector<PacketLease>& packets, const SocketAddress& peer);

  /// Calls `handle` for each datagram that is there. Without a free packet the rest waits.
  using Handle = std::function<void(PacketLease packet, const SocketAddress& source)>;
  Status Receive(PacketPool& pool, const Handle& handle);

  int fd() const { return socket_.fd(); }
  int local_port() const { return socket_.local_address().port(); }
  /// Datagrams lost on this machine or refused by the network.
  std::uint64_t send_failures() const { return dropped_ + socket_.send_failures(); }

 private:
  explicit DatagramIo(UdpSocket socket) : socket_(std::move(socket)) {}

  UdpSocket socket_;
  std::vector<OutgoingDatagram> outgoing_;
  std::array<PacketLease, UdpSocket::kMaxBatch> incoming_;
  std::array<SocketAddress, UdpSocket::kMaxBatch> sources_;
  std::uint64_t dropped_ = 0;
};

}  // namespace boardcast
