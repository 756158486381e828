#include "connect/udp_socket.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <string>
#include <vector>

namespace boardcast {
namespace {

constexpr std::size_t kBatch = UdpSocket::kMaxBatch;

SocketAddress Address(const std::string& host, std::uint16_t port = 0) {
  Result<SocketAddress> address = SocketAddress::Parse(host, port);
  EXPECT_TRUE(address.ok()) << host;
  return *address;
}

UdpSocket BindTo(const std::string& host) {
  Result<UdpSocket> socket = UdpSocket::Bind(Address(host));
  EXPECT_TRUE(socket.ok());
  return std::move(socket).value();
}

// Receives what is there, once something is.
struct Inbox {
  Inbox() : pool(kBatch) {
    for (PacketLease& packet : packets) packet = pool.Acquire();
  }
  std::size_t Receive(UdpSocket& socket) {
    pollfd waiting{.fd = socket.fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&waiting, 1, 5'000), 1);
    const Result<std::size_t> count = socket.ReceiveBatch(packets, sources);
    EXPECT_TRUE(count.ok());
    return *count;
  }
  PacketPool pool;
  std::array<PacketLease, kBatch> packets;
  std::array<SocketAddress, kBatch> sources;
};

TEST(SocketAddressTest, PrintsWhatItParsed) {
  const struct {
    const char* host;
    const char* printed;
    bool loopback;
    bool any;
  } cases[] = {
      {"127.0.0.1", "127.0.0.1:5004", true, false},
      {"127.9.9.9", "127.9.9.9:5004", true, false},
      {"192.168.1.20", "192.168.1.20:5004", false, false},
      {"0.0.0.0", "0.0.0.0:5004", false, true},
      {"::1", "[::1]:5004", true, false},
      {"::", "[::]:5004", false, true},
      {"::ffff:127.0.0.1", "[::ffff:127.0.0.1]:5004", true, false},
      {"2001:db8::7", "[2001:db8::7]:5004", false, false},
  };
  for (const auto& [host, printed, loopback, any] : cases) {
    const SocketAddress address = Address(host, 5004);
    EXPECT_EQ(address.ToString(), printed);
    EXPECT_EQ(address.port(), 5004);
    EXPECT_EQ(address.IsLoopback(), loopback) << host;
    EXPECT_EQ(address.IsAny(), any) << host;
  }
}

TEST(SocketAddressTest, ComparesFamilyAddressAndPort) {
  EXPECT_EQ(Address("127.0.0.1", 1), Address("127.0.0.1", 1));
  EXPECT_NE(Address("127.0.0.1", 1), Address("127.0.0.1", 2));
  EXPECT_NE(Address("127.0.0.1", 1), Address("127.0.0.2", 1));
  EXPECT_NE(Address("::1", 1), Address("::2", 1));
  EXPECT_NE(Address("127.0.0.1", 1), SocketAddress());
  EXPECT_EQ(SocketAddress(), SocketAddress());
}

TEST(SocketAddressTest, MapsToIpv6AndBack) {
  const SocketAddress plain = Address("10.1.2.3", 99);
  EXPECT_EQ(plain.MappedToIpv6().ToString(), "[::ffff:10.1.2.3]:99");
  EXPECT_EQ(plain.MappedToIpv6().UnmappedFromIpv6(), plain);
  EXPECT_EQ(Address("::1").MappedToIpv6(), Address("::1"));
  EXPECT_EQ(Address("::1").UnmappedFromIpv6(), Address("::1"));
}

TEST(SocketAddressTest, NamesWhatIsWrong) {
  const Result<SocketAddress> parsed = SocketAddress::Parse("localhost", 1);
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(parsed.error().message.find("localhost"), std::string::npos);
  const Result<SocketAddress> resolved = SocketAddress::Resolve("no-such-host.invalid", 1);
  ASSERT_FALSE(resolved.ok());
  EXPECT_EQ(resolved.error().code, ErrorCode::kNotFound);
}

TEST(UdpSocketTest, MovesABatchLargerThanOneSystemCall) {
  UdpSocket sender = BindTo("127.0.0.1");
  UdpSocket receiver = BindTo("127.0.0.1");
  std::vector<std::vector<std::uint8_t>> payloads;
  std::vector<OutgoingDatagram> datagrams;
  for (std::size_t i = 0; i < 3 * kBatch + 1; ++i) payloads.emplace_back(i, std::uint8_t(i));
  for (const auto& payload : payloads) datagrams.push_back({payload, receiver.local_address()});
  EXPECT_EQ(*sender.SendBatch(datagrams), datagrams.size());

  Inbox inbox;
  std::size_t seen = 0;
  while (seen < payloads.size()) {
    const std::size_t count = inbox.Receive(receiver);
    ASSERT_GT(count, 0u);
    for (std::size_t i = 0; i < count; ++i, ++seen) {
      const Bytes bytes = inbox.packets[i]->bytes();
      EXPECT_EQ(std::vector(bytes.begin(), bytes.end()), payloads[seen]);
      EXPECT_EQ(inbox.sources[i], sender.local_address());
      EXPECT_GT(inbox.packets[i]->time, Timestamp{});
    }
  }
  EXPECT_EQ(*receiver.ReceiveBatch(inbox.packets, inbox.sources), 0u);
}

TEST(UdpSocketTest, DropsAndCountsTruncatedDatagrams) {
  UdpSocket sender = BindTo("127.0.0.1");
  UdpSocket receiver = BindTo("127.0.0.1");
  const std::vector<std::uint8_t> fits(kMaxDatagram, 1);
  const std::vector<std::uint8_t> too_long(kMaxDatagram + 1, 2);
  const std::vector<std::uint8_t> tiny(1, 3);
  const SocketAddress& to = receiver.local_address();
  const std::array<OutgoingDatagram, 4> datagrams = {
      OutgoingDatagram{too_long, to}, {fits, to}, {too_long, to}, {tiny, to}};
  ASSERT_EQ(*sender.SendBatch(datagrams), 4u);
  Inbox inbox;
  ASSERT_EQ(inbox.Receive(receiver), 2u);
  EXPECT_EQ(inbox.packets[0]->size, kMaxDatagram);
  EXPECT_EQ(inbox.packets[1]->size, 1u);
  EXPECT_EQ(receiver.truncated(), 2u);
  for (const PacketLease& packet : inbox.packets) EXPECT_TRUE(packet);
}

TEST(UdpSocketTest, SaysWhoCouldHelpWhenThePortIsTaken) {
  const UdpSocket first = BindTo("127.0.0.1");
  const std::uint16_t port = first.local_address().port();
  const Result<UdpSocket> second = UdpSocket::Bind(first.local_address());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kAddressInUse);
  EXPECT_EQ(second.error().message, "Port " + std::to_string(port) +
                                        " on 127.0.0.1 is in use by another process; "
                                        "choose another port or stop it");
}

TEST(UdpSocketTest, RefusesAForeignAddress) {
  const Result<UdpSocket> socket = UdpSocket::Bind(Address("192.0.2.1"));
  ASSERT_FALSE(socket.ok());
  EXPECT_NE(socket.error().message.find("192.0.2.1"), std::string::npos);
}

TEST(UdpSocketTest, AnAbsentListenerIsNoError) {
  SocketAddress nobody;
  { nobody = BindTo("127.0.0.1").local_address(); }
  UdpSocket sender = BindTo("127.0.0.1");
  const std::vector<std::uint8_t> payload(10, 1);
  const std::array<OutgoingDatagram, 2> datagrams = {OutgoingDatagram{payload, nobody},
                                                     {payload, nobody}};
  for (int i = 0; i < 3; ++i) {
    const Result<std::size_t> sent = sender.SendBatch(datagrams);
    ASSERT_TRUE(sent.ok());
    EXPECT_EQ(*sent, 2u);
  }
  Inbox inbox;
  EXPECT_TRUE(sender.ReceiveBatch(inbox.packets, inbox.sources).ok());
}

TEST(UdpSocketTest, ASocketOnAllIpv6AddressesSpeaksIpv4Too) {
  const Result<UdpSocket> bound = UdpSocket::Bind(Address("::"));
  if (!bound) GTEST_SKIP() << "no IPv6 here";
  UdpSocket both = BindTo("::");
  UdpSocket plain = BindTo("127.0.0.1");
  const SocketAddress to = Address("127.0.0.1", both.local_address().port());
  const std::vector<std::uint8_t> payload(10, 1);
  const OutgoingDatagram there{payload, to};
  ASSERT_EQ(*plain.SendBatch({&there, 1}), 1u);
  Inbox inbox;
  ASSERT_EQ(inbox.Receive(both), 1u);
  EXPECT_EQ(inbox.sources[0], plain.local_address());
  const OutgoingDatagram back{payload, inbox.sources[0]};
  ASSERT_EQ(*both.SendBatch({&back, 1}), 1u);
  EXPECT_EQ(inbox.Receive(plain), 1u);
}

TEST(UdpSocketTest, ReadsBackItsBufferSizes) {
  const UdpSocket socket = BindTo("127.0.0.1");
  EXPECT_GT(socket.receive_buffer_size(), 64 * 1024);
  EXPECT_GT(socket.send_buffer_size(), 64 * 1024);
}

}  // namespace
}  // namespace boardcast
