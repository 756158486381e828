#include "wire/rtx.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

const RtpHeader kOriginal{true, payload_type::kH264, 65'535, 90'000, 0x1111};
const RtpHeader kRtx{false, payload_type::kH264Rtx, 7, 0, 0x2222};

Buffer PacketOf(const RtpHeader& header, const Buffer& payload) {
  Buffer packet(kRtpHeaderSize);
  WriteRtpHeader(header, packet);
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

TEST(Rtx, CarriesTheOriginalAndGivesItBack) {
  const Buffer original = PacketOf(kOriginal, {1, 2, 3});
  std::array<std::uint8_t, 64> wire{};
  const std::size_t size = WriteRtx(original, kRtx, wire);
  ASSERT_EQ(size, original.size() + kRtxOverhead);

  const Result<RtpView> rtx = ParseRtp(Bytes(wire).first(size));
  ASSERT_TRUE(rtx.ok());
  EXPECT_EQ(rtx->header, (RtpHeader{true, payload_type::kH264Rtx, 7, 90'000, 0x2222}));
  EXPECT_TRUE(std::ranges::equal(rtx->payload, Buffer{0xff, 0xff, 1, 2, 3}));

  std::array<std::uint8_t, 64> restored{};
  const Result<std::size_t> restored_size =
      RestoreFromRtx(*rtx, kOriginal.ssrc, kOriginal.payload_type, restored);
  ASSERT_TRUE(restored_size.ok());
  EXPECT_TRUE(std::ranges::equal(Bytes(restored).first(*restored_size), original));
}

TEST(Rtx, DropsOptionalPartsOfTheOriginal) {
  Buffer original = PacketOf(kOriginal, {9, 9, 9, 9, 5, 0, 0, 3});
  original[0] = 0xa1;  // One CSRC and padding of three bytes.
  std::array<std::uint8_t, 64> wire{};
  const std::size_t size = WriteRtx(original, kRtx, wire);
  const Result<RtpView> rtx = ParseRtp(Bytes(wire).first(size));
  ASSERT_TRUE(rtx.ok());
  EXPECT_TRUE(std::ranges::equal(rtx->payload, Buffer{0xff, 0xff, 5}));
}

TEST(Rtx, WritesNothingWithoutRoomOrPacket) {
  const Buffer original = PacketOf(kOriginal, {1, 2, 3});
  Buffer exact(original.size() + kRtxOverhead);
  EXPECT_EQ(WriteRtx(original, kRtx, exact), exact.size());
  for (std::size_t size = 0; size < exact.size(); ++size) {
    EXPECT_EQ(WriteRtx(original, kRtx, MutableBytes(exact).first(size)), 0u);
  }
  EXPECT_EQ(WriteRtx(Bytes(original).first(11), kRtx, exact), 0u);
}

TEST(Rtx, RefusesToRestoreWhatIsMalformed) {
  Buffer out(64);
  for (const Buffer& payload : {Buffer{}, Buffer{1}}) {
    const Buffer packet = PacketOf(kRtx, payload);
    const Result<std::size_t> size = RestoreFromRtx(*ParseRtp(packet), 1, 96, out);
    ASSERT_FALSE(size.ok());
    EXPECT_EQ(size.error().code, ErrorCode::kMalformed);
  }
  const Buffer packet = PacketOf(kRtx, {0, 1, 2, 3});
  const Result<std::size_t> size =
      RestoreFromRtx(*ParseRtp(packet), 1, 96, MutableBytes(out).first(13));
  ASSERT_FALSE(size.ok());
  EXPECT_EQ(size.error().code, ErrorCode::kOverflow);
}

TEST(Rtx, RestoresAnEmptyOriginal) {
  const Buffer packet = PacketOf(kRtx, {0, 1});
  Buffer out(kRtpHeaderSize);
  const Result<std::size_t> size = RestoreFromRtx(*ParseRtp(packet), 5, 96, out);
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(ParseRtp(out)->header, (RtpHeader{false, 96, 1, 0, 5}));
}

}  // namespace
}  // namespace boardcast
