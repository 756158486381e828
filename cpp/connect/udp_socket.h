#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/byte_reader.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "connect/socket_address.h"
#include "media/packet.h"

namespace boardcast {

/// One datagram to send. Both the bytes and the address stay valid until SendBatch() returns.
struct OutgoingDatagram {
  Bytes bytes;
  SocketAddress address;
};

/// A non-blocking UDP socket that moves batches by sendmmsg and recvmmsg. Move-only.
///
/// Thread: network loop.
class UdpSocket {
 public:
  /// Datagrams that one system call moves at most.
  static constexpr std::size_t kMaxBatch = 32;

  /// Binds to `address`; port 0 lets the system choose one. An IPv6 socket on `::` takes IPv4 too.
  static Result<UdpSocket> Bind(const SocketAddress& address);

  /// Sends the datagrams in order and says how many went; fewer than given when the socket's
  /// buffer is full (wait for EPOLLOUT). A datagram that the network refuses (no listener, no
  /// route, a firewall) counts as sent and lost: see send_failures().
  Result<std::size_t> SendBatch(std::span<const OutgoingDatagram> datagrams);

  /// Fills packets with what has arrived, with their size and time, and `sources` with where each
  /// came from; both have the same length, all leases are set. 0: nothing is there. Leases may
  /// change places.
  Result<std::size_t> ReceiveBatch(std::span<PacketLease> packets,
                                   std::span<SocketAddress> sources);

  int fd() const { return fd_.get(); }
  /// With the port that the system chose.
  const SocketAddress& local_address() const { return local_; }
  /// Bytes that the kernel really gave, of 1 MiB asked for; it counts its own overhead too.
  int send_buffer_size() const { return send_buffer_size_; }
  int receive_buffer_size() const { return receive_buffer_size_; }
  /// Datagrams longer than kMaxDatagram, dropped.
  std::uint64_t truncated() const { return truncated_; }
  std::uint64_t send_failures() const { return send_failures_; }

 private:
  UdpSocket(UniqueFd fd, bool maps_ipv4) : fd_(std::move(fd)), maps_ipv4_(maps_ipv4) {}
  void SizeBuffers();
  Result<std::size_t> SendSome(std::span<const OutgoingDatagram> datagrams);

  UniqueFd fd_;
  bool maps_ipv4_;  ///< An IPv6 socket that also speaks IPv4.
  SocketAddress local_;
  int send_buffer_size_ = 0;
  int receive_buffer_size_ = 0;
  std::uint64_t truncated_ = 0;
  std::uint64_t send_failures_ = 0;
};

}  // namespace boardcast
