#include "wire/rtp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer Joined(Buffer first, const Buffer& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

const Buffer kFields = {0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xde, 0xad, 0xbe, 0xef};

/// A packet whose first two bytes and tail are given.
Buffer PacketOf(std::uint8_t first, std::uint8_t second, const Buffer& tail) {
  return Joined(Joined({first, second}, kFields), tail);
}

TEST(Rtp, HeaderComesBackAsWritten) {
  for (const RtpHeader& header :
       {RtpHeader{true, payload_type::kH264, 0xffff, 0xffff'fffe, 0x8000'0001},
        RtpHeader{false, payload_type::kOpusRtx, 0, 1, 2}, RtpHeader{true, 127, 7, 0, 0}}) {
    Buffer packet(kRtpHeaderSize);
    WriteRtpHeader(header, packet);
    packet.push_back(9);
    const Result<RtpView> view = ParseRtp(packet);
    ASSERT_TRUE(view.ok());
    EXPECT_EQ(view->header, header);
    EXPECT_EQ(view->header_size, kRtpHeaderSize);
    EXPECT_EQ(view->payload.size(), 1u);
  }
}

TEST(Rtp, WritesTheBytesOfTheStandard) {
  Buffer packet(kRtpHeaderSize);
  WriteRtpHeader({true, 96, 0x1234, 0x0102'0304, 0xdead'beef}, packet);
  EXPECT_EQ(packet, PacketOf(0x80, 0xe0, {}));
}

TEST(Rtp, ParsesOptionalParts) {
  struct Case {
    std::string name;
    std::uint8_t first;
    Buffer tail;
    std::size_t header_size;
    Buffer payload;
  };
  const Case cases[] = {
      {"no payload", 0x80, {}, 12, {}},
      {"two CSRCs", 0x82, {1, 2, 3, 4, 5, 6, 7, 8, 9}, 20, {9}},
      {"extension", 0x90, {0xbe, 0xde, 0, 1, 1, 2, 3, 4, 7}, 20, {7}},
      {"empty extension", 0x90, {0xbe, 0xde, 0, 0, 7}, 16, {7}},
      {"padding", 0xa0, {7, 8, 0, 0, 3}, 12, {7, 8}},
      {"only padding", 0xa0, {0, 2}, 12, {}},
      {"all three", 0xb1, {1, 2, 3, 4, 0, 0, 0, 0, 7, 1}, 20, {7}},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    const Buffer packet = PacketOf(item.first, 96, item.tail);
    const Result<RtpView> view = ParseRtp(packet);
    ASSERT_TRUE(view.ok());
    EXPECT_EQ(view->header_size, item.header_size);
    EXPECT_TRUE(std::ranges::equal(view->payload, item.payload));
    EXPECT_EQ(view->header.ssrc, 0xdead'beef);
  }
}

TEST(Rtp, RefusesWhatIsMalformed) {
  const std::pair<std::string, Buffer> cases[] = {
      {"empty", {}},
      {"shorter than a header", Buffer(11, 0x80)},
      {"version 1", PacketOf(0x40, 96, {1})},
      {"version 3", PacketOf(0xc0, 96, {1})},
      {"CSRC list cut off", PacketOf(0x82, 96, {1, 2, 3, 4, 5, 6, 7})},
      {"extension header cut off", PacketOf(0x90, 96, {0xbe, 0xde, 0})},
      {"extension longer than the packet", PacketOf(0x90, 96, {0xbe, 0xde, 0, 2, 1, 2, 3, 4})},
      {"padding of zero", PacketOf(0xa0, 96, {1, 2, 0})},
      {"padding beyond the payload", PacketOf(0xa0, 96, {1, 2, 4})},
      {"padding without payload", PacketOf(0xa0, 96, {})},
  };
  for (const auto& [name, packet] : cases) {
    SCOPED_TRACE(name);
    const Result<RtpView> view = ParseRtp(packet);
    ASSERT_FALSE(view.ok());
    EXPECT_EQ(view.error().code, ErrorCode::kMalformed);
  }
}

TEST(Rtp, TellsRtcpApart) {
  const std::pair<Buffer, bool> cases[] = {
      {{}, false},          {{0x80}, false},
      {{0x80, 191}, false}, {{0x80, 192}, true},
      {{0x81, 200}, true},  {{0x80, 206}, true},
      {{0x80, 223}, true},  {{0x80, 224}, false},  // Payload type 96 with marker bit.
      {{0x80, 96}, false},  {{0x80, 0x80 | 111}, false},
      {{0x00, 200}, false},  // STUN's place.
  };
  for (const auto& [datagram, rtcp] : cases) EXPECT_EQ(IsRtcp(datagram), rtcp);
}

}  // namespace
}  // namespace boardcast
