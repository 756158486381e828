#include "wire/rtcp_builder.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "wire/rtcp_parser.h"

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

/// Collects the sequence numbers asked for.
class NackLog : public RtcpHandler {
 public:
  void OnNack(std::uint32_t, std::uint32_t, std::uint16_t sequence_number) override {
    sequence_numbers.push_back(sequence_number);
  }
  std::vector<std::uint16_t> sequence_numbers;
};

TEST(RtcpBuilder, WritesTheBytesOfTheStandard) {
  struct Case {
    const char* name;
    void (*add)(RtcpBuilder&);
    Buffer expected;
  };
  const Case cases[] = {
      {"sender report",
       [](RtcpBuilder& builder) {
         builder.AddSenderReport({1, NtpTime{0x0203'0405'0607'0809}, 0x0a0b'0c0d, 14, 15}, {});
       },
       {0x80, 200, 0,  6,  0,  0,  0, 1, 2, 3,  4, 5, 6, 7,
        8,    9,   10, 11, 12, 13, 0, 0, 0, 14, 0, 0, 0, 15}},
      {"receiver report",
       [](RtcpBuilder& builder) {
         const ReportBlock block{2, 3, -2, 0x0001'fffe, 4, 5, 6};
         builder.AddReceiverReport(1, {&block, 1});
       },
       {0x81, 201,  0,    7,    0, 0, 0, 1, 0, 0, 0, 2, 3, 0xff, 0xff, 0xfe,
        0,    0x01, 0xff, 0xfe, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0,    0,    6}},
      {"CNAME",
       [](RtcpBuilder& builder) { builder.AddCname(1, "abc"); },
       {0x81, 202, 0, 3, 0, 0, 0, 1, 1, 3, 'a', 'b', 'c', 0, 0, 0}},
      {"CNAME that ends with its word, plus a word of zeros",
       [](RtcpBuilder& builder) { builder.AddCname(1, "ab"); },
       {0x81, 202, 0, 3, 0, 0, 0, 1, 1, 2, 'a', 'b', 0, 0, 0, 0}},
      {"NACK",
       [](RtcpBuilder& builder) {
         const std::array<std::uint16_t, 3> lost = {65'534, 65'535, 14};
         builder.AddNack({1, 2, lost});
       },
       {0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0x80, 0x01}},
      {"PLI",
       [](RtcpBuilder& builder) { builder.AddPli(1, 2); },
       {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}},
      {"BYE",
       [](RtcpBuilder& builder) {
         const std::array<std::uint32_t, 2> ssrcs = {1, 2};
         builder.AddBye(ssrcs);
       },
       {0x82, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    Buffer buffer(64);
    RtcpBuilder builder(buffer);
    item.add(builder);
    ASSERT_TRUE(builder.ok());
    buffer.resize(builder.size());
    EXPECT_EQ(buffer, item.expected);
  }
}

TEST(RtcpBuilder, ClampsLossTo24Bits) {
  const std::pair<std::int32_t, std::int32_t> cases[] = {
      {0x80'0000, 0x7f'ffff}, {-0x80'0001, -0x80'0000}, {-1, -1}};
  for (const auto& [given, expected] : cases) {
    struct Log : RtcpHandler {
      void OnReportBlock(std::uint32_t, const ReportBlock& block) override {
        cumulative_lost = block.cumulative_lost;
      }
      std::int32_t cumulative_lost = 0;
    } log;
    std::array<std::uint8_t, 64> buffer{};
    RtcpBuilder builder(buffer);
    const ReportBlock block{.cumulative_lost = given};
    builder.AddReceiverReport(1, {&block, 1});
    ASSERT_TRUE(ParseRtcp(Bytes(buffer).first(builder.size()), log).ok());
    EXPECT_EQ(log.cumulative_lost, expected);
  }
}

TEST(RtcpBuilder, NackRoundTripsInAnyOrder) {
  const std::vector<std::uint16_t> cases[] = {
      {5}, {65'530, 65'535, 0, 10, 11, 27, 28}, {9, 8, 7}, {4, 4, 4}, {0, 17, 34, 51},
  };
  for (const std::vector<std::uint16_t>& lost : cases) {
    std::array<std::uint8_t, 128> buffer{};
    RtcpBuilder builder(buffer);
    EXPECT_EQ(builder.AddNack({1, 2, lost}), lost.size());
    NackLog log;
    ASSERT_TRUE(ParseRtcp(Bytes(buffer).first(builder.size()), log).ok());
    EXPECT_EQ(log.sequence_numbers, lost);
  }
}

TEST(RtcpBuilder, NackTakesWhatFits) {
  std::vector<std::uint16_t> lost;
  for (int i = 0; i < 100; ++i) lost.push_back(static_cast<std::uint16_t>(i * 20));
  std::array<std::uint8_t, 12 + 4 * 10 + 3> buffer{};
  NackLog log;
  for (std::span<const std::uint16_t> rest = lost; !rest.empty();) {
    RtcpBuilder builder(buffer);
    const std::size_t taken = builder.AddNack({1, 2, rest});
    ASSERT_EQ(taken, 10u);
    ASSERT_TRUE(builder.ok());
    ASSERT_TRUE(ParseRtcp(Bytes(buffer).first(builder.size()), log).ok());
    rest = rest.subspan(taken);
  }
  EXPECT_EQ(log.sequence_numbers, lost);
}

TEST(RtcpBuilder, NackWithoutRoomAddsNothing) {
  std::array<std::uint8_t, 15> buffer{};
  RtcpBuilder builder(buffer);
  const std::uint16_t lost = 1;
  EXPECT_EQ(builder.AddNack({1, 2, {&lost, 1}}), 0u);
  EXPECT_EQ(builder.AddNack({1, 2, {}}), 0u);
  EXPECT_EQ(builder.size(), 0u);
  EXPECT_TRUE(builder.ok());
}

TEST(RtcpBuilder, SaysWhenTheBufferIsFull) {
  std::array<std::uint8_t, 20> buffer{};
  RtcpBuilder builder(buffer);
  builder.AddPli(1, 2);
  EXPECT_TRUE(builder.ok());
  builder.AddPli(1, 2);
  EXPECT_FALSE(builder.ok());
}

TEST(RtcpBuilder, CutsLongNames) {
  struct Log : RtcpHandler {
    void OnCname(std::uint32_t, std::string_view cname) override { size = cname.size(); }
    std::size_t size = 0;
  } log;
  std::array<std::uint8_t, 512> buffer{};
  RtcpBuilder builder(buffer);
  builder.AddCname(1, std::string(300, 'x'));
  ASSERT_TRUE(ParseRtcp(Bytes(buffer).first(builder.size()), log).ok());
  EXPECT_EQ(log.size, 255u);
}

}  // namespace
}  // namespace boardcast
