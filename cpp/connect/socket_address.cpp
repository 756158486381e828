#include "connect/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace boardcast {
namespace {

const sockaddr_in& AsIpv4(const sockaddr* address) {
  return *reinterpret_cast<const sockaddr_in*>(address);
}
const sockaddr_in6& AsIpv6(const sockaddr* address) {
  return *reinterpret_cast<const sockaddr_in6*>(address);
}

}  // namespace

Result<SocketAddress> SocketAddress::LookUp(const std::string& host, std::uint16_t port,
                                            int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed != 0) {
    const bool numeric = flags & AI_NUMERICHOST;
    const int sys_errno = failed == EAI_SYSTEM ? errno : 0;
    return Error{numeric ? ErrorCode::kInvalidArgument : ErrorCode::kNotFound,
                 numeric ? "\"" + host + "\" is not an IP address such as 192.168.1.20 or ::1"
                         : "Cannot find the host \"" + host + "\": " + ::gai_strerror(failed),
                 sys_errno, "getaddrinfo"};
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  SocketAddress address;
  std::memcpy(&address.storage_, found->ai_addr, found->ai_addrlen);
  address.size_ = found->ai_addrlen;
  return address;
}

Result<SocketAddress> SocketAddress::Parse(const std::string& host, std::uint16_t port) {
  return LookUp(host, port, AI_NUMERICHOST);
}

Result<SocketAddress> SocketAddress::Resolve(const std::string& host, std::uint16_t port) {
  return LookUp(host, port, AI_ADDRCONFIG);
}

std::uint16_t SocketAddress::port() const {
  switch (family()) {
    case AF_INET:
      return ntohs(AsIpv4(data()).sin_port);
    case AF_INET6:
      return ntohs(AsIpv6(data()).sin6_port);
    default:
      return 0;
  }
}

bool SocketAddress::IsLoopback() const {
  const SocketAddress plain = UnmappedFromIpv6();
  if (plain.family() == AF_INET) {
    return ntohl(AsIpv4(plain.data()).sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  }
  return family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&AsIpv6(data()).sin6_addr);
}

bool SocketAddress::IsAny() const {
  if (family() == AF_INET) return AsIpv4(data()).sin_addr.s_addr == htonl(INADDR_ANY);
  return family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&AsIpv6(data()).sin6_addr);
}

std::string SocketAddress::Host() const {
  std::array<char, NI_MAXHOST> host{};
  if (!valid() ||
      ::getnameinfo(data(), size_, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "(no address)";
  }
  return host.data();
}

std::string SocketAddress::ToString() const {
  if (!valid()) return Host();
  std::string text = Host();
  if (family() == AF_INET6) text = std::string("[").append(text).append("]");
  return text.append(":").append(std::to_string(port()));
}

SocketAddress SocketAddress::MappedToIpv6() const {
  if (family() != AF_INET) return *this;
  const sockaddr_in& plain = AsIpv4(data());
  sockaddr_in6 mapped{};
  mapped.sin6_family = AF_INET6;
  mapped.sin6_port = plain.sin_port;
  mapped.sin6_addr.s6_addr[10] = 0xff;
  mapped.sin6_addr.s6_addr[11] = 0xff;
  std::memcpy(&mapped.sin6_addr.s6_addr[12], &plain.sin_addr, sizeof(plain.sin_addr));
  SocketAddress address;
  std::memcpy(&address.storage_, &mapped, sizeof(mapped));
  address.size_ = sizeof(mapped);
  return address;
}

SocketAddress SocketAddress::UnmappedFromIpv6() const {
  if (family() != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&AsIpv6(data()).sin6_addr)) return *this;
  const sockaddr_in6& mapped = AsIpv6(data());
  sockaddr_in plain{};
  plain.sin_family = AF_INET;
  plain.sin_port = mapped.sin6_port;
  std::memcpy(&plain.sin_addr, &mapped.sin6_addr.s6_addr[12], sizeof(plain.sin_addr));
  SocketAddress address;
  std::memcpy(&address.storage_, &plain, sizeof(plain));
  address.size_ = sizeof(plain);
  return address;
}

bool SocketAddress::operator==(const SocketAddress& other) const {
  if (family() != other.family() || port() != other.port()) return false;
  if (family() == AF_INET) {
    return AsIpv4(data()).sin_addr.s_addr == AsIpv4(other.data()).sin_addr.s_addr;
  }
  if (family() != AF_INET6) return true;
  const sockaddr_in6& a = AsIpv6(data());
  const sockaddr_in6& b = AsIpv6(other.data());
  return IN6_ARE_ADDR_EQUAL(&a.sin6_addr, &b.sin6_addr) && a.sin6_scope_id == b.sin6_scope_id;
}

}  // namespace boardcast
