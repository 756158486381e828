#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace boardcast {

/// An IPv4 or IPv6 address with a port, as the socket calls take it. A value.
class SocketAddress {
 public:
  SocketAddress() = default;

  /// `host` is numeric ("127.0.0.1", "::1", "fe80::1%eth0").
  static Result<SocketAddress> Parse(const std::string& host, std::uint16_t port);

  /// `host` is numeric or a name; a name is looked up, which may take seconds.
  static Result<SocketAddress> Resolve(const std::string& host, std::uint16_t port);

  bool valid() const { return size_ > 0; }
  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  bool IsLoopback() const;
  /// The address that accepts from every network ("0.0.0.0", "::").
  bool IsAny() const;

  std::string Host() const;
  /// "127.0.0.1:5004" or "[::1]:5004".
  std::string ToString() const;

  /// An IPv4 address as an IPv6 socket sees it (::ffff:a.b.c.d), and back; others unchanged.
  SocketAddress MappedToIpv6() const;
  SocketAddress UnmappedFromIpv6() const;

  bool operator==(const SocketAddress& other) const;

  /// For socket calls. After one that writes an address, set_size() says how much it wrote.
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }
  void set_size(socklen_t size) { size_ = size; }
  static constexpr socklen_t kCapacity = sizeof(sockaddr_storage);

 private:
  static Result<SocketAddress> LookUp(const std::string& host, std::uint16_t port, int flags);

  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace boardcast
