#include "connect/udp_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <string>
#include <utility>

namespace boardcast {
namespace {

constexpr int kBufferSize = 1 << 20;

// Failures that concern one datagram and its way, not the socket. A late ICMP answer to an earlier
// datagram shows up in the same manner.
bool IsLostOnTheWay(int sys_errno) {
  switch (sys_errno) {
    case ECONNREFUSED:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EPERM:
    case ENOBUFS:
      return true;
    default:
      return false;
  }
}

bool WouldBlock(int sys_errno) { return sys_errno == EAGAIN || sys_errno == EWOULDBLOCK; }

Error BindError(const SocketAddress& address, int sys_errno) {
  Error error = SystemError("bind", sys_errno);
  if (sys_errno == EADDRINUSE) {
    error.message = "Port " + std::to_string(address.port()) + " on " + address.Host() +
                    " is in use by another process; choose another port or stop it";
  } else if (sys_errno == EADDRNOTAVAIL) {
    error.message = address.Host() + " is not an address of this machine";
  } else if (sys_errno == EACCES) {
    error.message =
        "Port " + std::to_string(address.port()) + " needs privileges; choose one from 1024 on";
  }
  return error;
}

int ReadBufferSize(int fd, int option) {
  int size = 0;
  socklen_t length = sizeof(size);
  ::getsockopt(fd, SOL_SOCKET, option, &size, &length);
  return size;
}

}  // namespace

Result<UdpSocket> UdpSocket::Bind(const SocketAddress& address) {
  UniqueFd fd(::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return SystemError("socket", errno);
  const bool ipv6 = address.family() == AF_INET6;
  const bool both = ipv6 && address.IsAny();
  if (ipv6) {
    const int only_ipv6 = both ? 0 : 1;
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof(only_ipv6));
  }
  if (::bind(fd.get(), address.data(), address.size()) < 0) return BindError(address, errno);

  UdpSocket socket(std::move(fd), both);
  socklen_t size = SocketAddress::kCapacity;
  if (::getsockname(socket.fd(), socket.local_.data(), &size) < 0) {
    return SystemError("getsockname", errno);
  }
  socket.local_.set_size(size);
  socket.SizeBuffers();
  return socket;
}

void UdpSocket::SizeBuffers() {
  // The kernel may grant less (net.core.rmem_max); what it gave is read back.
  ::setsockopt(fd(), SOL_SOCKET, SO_SNDBUF, &kBufferSize, sizeof(kBufferSize));
  ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &kBufferSize, sizeof(kBufferSize));
  send_buffer_size_ = ReadBufferSize(fd(), SO_SNDBUF);
  receive_buffer_size_ = ReadBufferSize(fd(), SO_RCVBUF);
}

Result<std::size_t> UdpSocket::SendBatch(std::span<const OutgoingDatagram> datagrams) {
  std::size_t sent = 0;
  while (sent < datagrams.size()) {
    const std::size_t count = std::min(datagrams.size() - sent, kMaxBatch);
    const Result<std::size_t> some = SendSome(datagrams.subspan(sent, count));
    if (!some) return some.error();
    if (*some == 0) break;
    sent += *some;
  }
  return sent;
}

// One system call. 0: the buffer is full.
Result<std::size_t> UdpSocket::SendSome(std::span<const OutgoingDatagram> datagrams) {
  std::array<mmsghdr, kMaxBatch> messages{};
  std::array<iovec, kMaxBatch> vectors;
  std::array<SocketAddress, kMaxBatch> mapped;
  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    const SocketAddress* address = &datagrams[i].address;
    if (maps_ipv4_) address = &(mapped[i] = address->MappedToIpv6());
    vectors[i] = {.iov_base = const_cast<std::uint8_t*>(datagrams[i].bytes.data()),
                  .iov_len = datagrams[i].bytes.size()};
    msghdr& header = messages[i].msg_hdr;
    header.msg_name = const_cast<sockaddr*>(address->data());
    header.msg_namelen = address->size();
    header.msg_iov = &vectors[i];
    header.msg_iovlen = 1;
  }
  int sent = -1;
  do {
    sent = ::sendmmsg(fd(), messages.data(), static_cast<unsigned>(datagrams.size()), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (WouldBlock(errno)) return std::size_t{0};
  if (!IsLostOnTheWay(errno)) {
    Error error = SystemError("sendmmsg", errno);
    error.message += " (to " + datagrams[0].address.ToString() + ")";
    return error;
  }
  ++send_failures_;
  return std::size_t{1};
}

Result<std::size_t> UdpSocket::ReceiveBatch(std::span<PacketLease> packets,
                                            std::span<SocketAddress> sources) {
  assert(packets.size() == sources.size());
  const std::size_t room = std::min(packets.size(), kMaxBatch);
  std::array<mmsghdr, kMaxBatch> messages{};
  std::array<iovec, kMaxBatch> vectors;
  for (std::size_t i = 0; i < room; ++i) {
    vectors[i] = {.iov_base = packets[i]->buffer.data(), .iov_len = kMaxDatagram};
    msghdr& header = messages[i].msg_hdr;
    header.msg_name = sources[i].data();
    header.msg_namelen = SocketAddress::kCapacity;
    header.msg_iov = &vectors[i];
    header.msg_iovlen = 1;
  }
  int received = -1;
  do {
    received = ::recvmmsg(fd(), messages.data(), static_cast<unsigned>(room), 0, nullptr);
    // A pending ICMP error is handed out once, in place of a datagram.
  } while (received < 0 && (errno == EINTR || errno == ECONNREFUSED));
  if (received < 0) {
    if (WouldBlock(errno)) return std::size_t{0};
    return SystemError("recvmmsg", errno);
  }

  const Timestamp now = MonotonicNow();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
    if (messages[i].msg_hdr.msg_flags & MSG_TRUNC) {
      ++truncated_;
      continue;
    }
    packets[i]->size = messages[i].msg_len;
    packets[i]->time = now;
    sources[i].set_size(messages[i].msg_hdr.msg_namelen);
    if (kept != i) std::swap(packets[kept], packets[i]);
    sources[kept] = maps_ipv4_ ? sources[i].UnmappedFromIpv6() : sources[i];
    ++kept;
  }
  return kept;
}

}  // namespace boardcast
