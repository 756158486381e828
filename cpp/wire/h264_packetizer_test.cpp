#include "wire/h264_packetizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "wire/h264_bitstream.h"

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer Unit(std::uint8_t first_byte, std::size_t size) {
  Buffer unit(size, 0x55);
  unit[0] = first_byte;
  return unit;
}

Buffer AnnexB(const std::vector<Buffer>& units) {
  Buffer bytes;
  for (const Buffer& unit : units) {
    bytes.insert(bytes.end(), {0, 0, 0, 1});
    bytes.insert(bytes.end(), unit.begin(), unit.end());
  }
  return bytes;
}

std::vector<Buffer> Packetize(H264Packetizer& packetizer, const std::vector<Buffer>& units) {
  const Buffer access_unit = AnnexB(units);
  packetizer.Begin(access_unit);
  const std::size_t count = packetizer.packet_count();
  std::vector<Buffer> payloads;
  while (!packetizer.done()) {
    Buffer out(kMaxDatagram);
    out.resize(packetizer.Next(out));
    payloads.push_back(out);
  }
  EXPECT_EQ(payloads.size(), count);
  return payloads;
}

std::vector<Buffer> Packetize(const std::vector<Buffer>& units) {
  H264Packetizer packetizer;
  return Packetize(packetizer, units);
}

std::vector<std::size_t> Sizes(const std::vector<Buffer>& payloads) {
  std::vector<std::size_t> sizes;
  for (const Buffer& payload : payloads) sizes.push_back(payload.size());
  return sizes;
}

TEST(H264Packetizer, SendsASmallUnitAsItIs) {
  EXPECT_EQ(Packetize({Unit(0x41, 300)}), std::vector<Buffer>{Unit(0x41, 300)});
  EXPECT_EQ(Packetize({Unit(0x41, kMaxProtectedPayload)}),
            std::vector<Buffer>{Unit(0x41, kMaxProtectedPayload)});
}

TEST(H264Packetizer, AggregatesParameterSetsWithASmallSlice) {
  const std::vector<Buffer> payloads = Packetize({{0x67, 1}, {0x68, 2, 3}, {0x06, 4}, {0x65, 5}});
  EXPECT_EQ(
      payloads,
      (std::vector<Buffer>{{0x78, 0, 2, 0x67, 1, 0, 3, 0x68, 2, 3, 0, 2, 0x06, 4, 0, 2, 0x65, 5}}));
}

TEST(H264Packetizer, AggregateIsAsImportantAsItsWorstUnit) {
  EXPECT_EQ(Packetize({{0x06, 1}, {0x41, 2}})[0][0], 0x40 | 24);
  EXPECT_EQ(Packetize({{0x06, 1}, {0x01, 2}})[0][0], 24);
}

TEST(H264Packetizer, AggregatesUpToThePayloadSize) {
  // 1 + (2 + 20) + (2 + rest) fills the payload exactly.
  const std::size_t rest = kMaxProtectedPayload - 25;
  EXPECT_EQ(Sizes(Packetize({Unit(0x67, 20), Unit(0x65, rest)})),
            std::vector<std::size_t>{kMaxProtectedPayload});
  EXPECT_EQ(Sizes(Packetize({Unit(0x67, 20), Unit(0x65, rest + 1)})),
            (std::vector<std::size_t>{20, rest + 1}));
}

TEST(H264Packetizer, FragmentsAreBalanced) {
  EXPECT_EQ(Sizes(Packetize({Unit(0x65, 2500)})), (std::vector<std::size_t>{835, 835, 835}));
  EXPECT_EQ(Sizes(Packetize({Unit(0x65, kMaxProtectedPayload + 1)})),
            (std::vector<std::size_t>{595, 595}));
  for (std::size_t size = 1187; size < 9000; size += 97) {
    const std::vector<std::size_t> sizes = Sizes(Packetize({Unit(0x41, size)}));
    const auto [smallest, largest] = std::ranges::minmax(sizes);
    EXPECT_LE(largest - smallest, 1u);
    EXPECT_LE(largest, kMaxProtectedPayload);
    EXPECT_EQ(sizes.size(), (size - 1 + 1183) / 1184);
  }
}

TEST(H264Packetizer, FragmentHeadersMarkStartAndEnd) {
  const std::vector<Buffer> payloads = Packetize({Unit(0x65, 3000)});
  ASSERT_EQ(payloads.size(), 3u);
  for (const Buffer& payload : payloads) EXPECT_EQ(payload[0], 0x60 | 28);
  EXPECT_EQ(payloads[0][1], 0x80 | 5);
  EXPECT_EQ(payloads[1][1], 5);
  EXPECT_EQ(payloads[2][1], 0x40 | 5);
}

TEST(H264Packetizer, NothingJoinsAcrossAFragmentedUnit) {
  const std::vector<std::size_t> sizes =
      Sizes(Packetize({{0x67, 1}, {0x68, 2}, Unit(0x65, 2000), {0x06, 3}, {0x41, 4}}));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{9, 1002, 1001, 9}));
}

TEST(H264Packetizer, LeavesOutAccessUnitDelimiters) {
  EXPECT_EQ(Packetize({{0x09, 0x10}, {0x41, 1}}), (std::vector<Buffer>{{0x41, 1}}));
  EXPECT_TRUE(Packetize({{0x09, 0x10}}).empty());
  EXPECT_TRUE(Packetize({}).empty());
}

TEST(H264Packetizer, StartsAfresh) {
  H264Packetizer packetizer(100);
  EXPECT_EQ(Packetize(packetizer, {Unit(0x65, 150)}).size(), 2u);
  const Buffer interrupted = AnnexB({Unit(0x65, 500)});
  packetizer.Begin(interrupted);
  Buffer out(100);
  packetizer.Next(out);
  EXPECT_EQ(Packetize(packetizer, {{0x41, 1}}), (std::vector<Buffer>{{0x41, 1}}));
}

}  // namespace
}  // namespace boardcast
