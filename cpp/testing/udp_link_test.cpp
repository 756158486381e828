#include "testing/udp_link.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <thread>
#include <vector>

namespace boardcast {
namespace {

// The far ends of a link.
class UdpLinkTest : public ::testing::Test {
 protected:
  static UdpSocket BindAny() {
    return std::move(UdpSocket::Bind(*SocketAddress::Parse("127.0.0.1", 0))).value();
  }

  void Start(const NetworkConditions& to_target, const NetworkConditions& from_target = {}) {
    Result<std::unique_ptr<UdpLink>> link =
        UdpLink::Start({.target_port = target_.local_address().port(),
                        .to_target = to_target,
                        .from_target = from_target});
    ASSERT_TRUE(link.ok());
    link_ = std::move(link).value();
  }

  static void Send(UdpSocket& from, const SocketAddress& to, std::uint8_t label) {
    const std::array<std::uint8_t, 1> payload = {label};
    const OutgoingDatagram datagram{payload, to};
    ASSERT_EQ(*from.SendBatch({&datagram, 1}), 1u);
  }

  // Waits for one datagram and returns its label, or -1.
  int Receive(UdpSocket& socket) {
    pollfd waiting{.fd = socket.fd(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 5'000) != 1) return -1;
    PacketLease packet = pool_.Acquire();
    const Result<std::size_t> count = socket.ReceiveBatch({&packet, 1}, {&source_, 1});
    arrival_ = packet->time;
    return count.ok() && *count == 1 ? packet->buffer[0] : -1;
  }

  PacketPool pool_{4};
  UdpSocket sender_ = BindAny();
  UdpSocket target_ = BindAny();
  SocketAddress source_;
  Timestamp arrival_{};
  std::unique_ptr<UdpLink> link_;
};

TEST_F(UdpLinkTest, RelaysBothWaysWithoutLettingThemMeet) {
  Start({});
  Send(sender_, link_->address(), 1);
  ASSERT_EQ(Receive(target_), 1);
  EXPECT_FALSE(source_ == sender_.local_address());
  Send(target_, source_, 2);
  ASSERT_EQ(Receive(sender_), 2);
  EXPECT_EQ(source_, link_->address());
}

TEST_F(UdpLinkTest, AnswersGoToTheLastSource) {
  Start({});
  UdpSocket other = BindAny();
  Send(sender_, link_->address(), 1);
  ASSERT_EQ(Receive(target_), 1);
  Send(other, link_->address(), 2);
  ASSERT_EQ(Receive(target_), 2);
  Send(target_, source_, 3);
  EXPECT_EQ(Receive(other), 3);
}

TEST_F(UdpLinkTest, DelaysInRealTime) {
  Start({.delay = 5ms});
  const Timestamp start = MonotonicNow();
  Send(sender_, link_->address(), 1);
  ASSERT_EQ(Receive(target_), 1);
  EXPECT_GE(arrival_ - start, 5ms);
}

TEST_F(UdpLinkTest, LosesWhatTheSeedSays) {
  constexpr int kCount = 200;
  const NetworkConditions lossy{.loss_percent = 50};
  NetworkEmulator model(lossy, UdpLink::Config{}.seed);
  std::vector<int> expected;
  for (int i = 0; i < kCount; ++i) {
    const std::array<std::uint8_t, 1> payload = {static_cast<std::uint8_t>(i)};
    model.Send(payload, Timestamp{});
    if (model.PopDue(Timestamp{})) expected.push_back(i);
  }

  Start(lossy);
  for (int i = 0; i < kCount; ++i) {
    Send(sender_, link_->address(), static_cast<std::uint8_t>(i));
  }
  std::vector<int> received;
  while (received.size() < expected.size()) received.push_back(Receive(target_));
  EXPECT_EQ(received, expected);
  // The relay counts after it has sent.
  while (link_->counters().to_target.delivered < expected.size()) std::this_thread::yield();
  EXPECT_EQ(link_->counters().to_target.lost, kCount - expected.size());
}

TEST_F(UdpLinkTest, ChangesItsConditionsWhileItRuns) {
  Start({});
  ASSERT_TRUE(link_->SetConditions({.duplicate_percent = 100}, {}));
  Send(sender_, link_->address(), 1);
  EXPECT_EQ(Receive(target_), 1);
  EXPECT_EQ(Receive(target_), 1);
}

TEST_F(UdpLinkTest, SaysThatItsPortIsTaken) {
  const Result<std::unique_ptr<UdpLink>> link =
      UdpLink::Start({.listen_port = target_.local_address().port()});
  ASSERT_FALSE(link.ok());
  EXPECT_EQ(link.error().code, ErrorCode::kAddressInUse);
}

}  // namespace
}  // namespace boardcast
