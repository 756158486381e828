#include "wire/rtcp_parser.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "wire/rtcp_builder.h"

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

/// Writes down each call as a line.
class Log : public RtcpHandler {
 public:
  void OnSenderReport(const SenderReport& report) override {
    reports.push_back(report);
    Add("sr", report.sender_ssrc);
  }
  void OnReportBlock(std::uint32_t sender_ssrc, const ReportBlock& block) override {
    blocks.push_back(block);
    Add("block", sender_ssrc, block.ssrc);
  }
  void OnNack(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
              std::uint16_t sequence_number) override {
    Add("nack", sender_ssrc, media_ssrc, sequence_number);
  }
  void OnPli(std::uint32_t sender_ssrc, std::uint32_t media_ssrc) override {
    Add("pli", sender_ssrc, media_ssrc);
  }
  void OnFir(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
             std::uint8_t command_sequence) override {
    Add("fir", sender_ssrc, media_ssrc, command_sequence);
  }
  void OnBye(std::uint32_t ssrc) override { Add("bye", ssrc); }
  void OnCname(std::uint32_t ssrc, std::string_view cname) override {
    Add("cname " + std::string(cname), ssrc);
  }

  std::vector<std::string> lines;
  std::vector<SenderReport> reports;
  std::vector<ReportBlock> blocks;

 private:
  template <typename... Numbers>
  void Add(std::string line, Numbers... numbers) {
    ((line += " " + std::to_string(numbers)), ...);
    lines.push_back(line);
  }
};

using Lines = std::vector<std::string>;

TEST(RtcpParser, ReadsACompoundPacket) {
  const SenderReport report{1, NtpTime{0x0123'4567'89ab'cdef}, 90'000, 10, 12'000};
  const std::array<ReportBlock, 2> blocks = {
      ReportBlock{7, 128, -5, 0x0002'0001, 33, 0x4567'89ab, 65'536},
      ReportBlock{8, 255, 0x7f'ffff, 0xffff'ffff, 0, 0, 0}};
  const std::array<std::uint16_t, 2> lost = {100, 102};
  const std::array<std::uint32_t, 2> leaving = {1, 3};
  Buffer buffer(512);
  RtcpBuilder builder(buffer);
  builder.AddSenderReport(report, blocks);
  builder.AddCname(1, "kiosk@board");
  builder.AddReceiverReport(2, {});
  builder.AddNack({1, 7, lost});
  builder.AddPli(1, 7);
  builder.AddBye(leaving);
  ASSERT_TRUE(builder.ok());

  Log log;
  ASSERT_TRUE(ParseRtcp(Bytes(buffer).first(builder.size()), log).ok());
  EXPECT_EQ(log.lines, (Lines{"sr 1", "block 1 7", "block 1 8", "cname kiosk@board 1",
                              "nack 1 7 100", "nack 1 7 102", "pli 1 7", "bye 1", "bye 3"}));
  EXPECT_EQ(log.reports, std::vector{report});
  EXPECT_EQ(log.blocks, std::vector(blocks.begin(), blocks.end()));
}

TEST(RtcpParser, ReadsWhatOthersSend) {
  struct Case {
    std::string name;
    Buffer packet;
    Lines expected;
  };
  const Case cases[] = {
      {"FIR with two entries",
       {0x84, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 9, 0, 0, 0, 0, 0, 0, 3, 10, 0, 0, 0},
       {"fir 1 2 9", "fir 1 3 10"}},
      {"NACK across the wrap",
       {0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0x80, 0x01},
       {"nack 1 2 65535", "nack 1 2 0", "nack 1 2 15"}},
      {"SDES with other items and two chunks",
       {0x82, 202, 0, 7, 0, 0, 0,   1,   2,   1,   'N', 1,   1, 'c', 0, 0,
        0,    0,   0, 2, 1, 6, 'a', 'b', 'c', 'd', 'e', 'f', 0, 0,   0, 0},
       {"cname c 1", "cname abcdef 2"}},
      {"SDES with an empty chunk", {0x81, 202, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0}, {}},
      {"BYE with a reason", {0x81, 203, 0, 2, 0, 0, 0, 5, 3, 'e', 'n', 'd'}, {"bye 5"}},
      {"unknown types between known ones",
       {0x80, 204, 0,    1,   1, 2, 3,    4,   0x9f, 207, 0, 0, 0x8f, 205,
        0,    0,   0x8f, 206, 0, 0, 0x81, 203, 0,    1,   0, 0, 0,    5},
       {"bye 5"}},
      {"padding", {0xa1, 203, 0, 2, 0, 0, 0, 5, 0, 0, 0, 4}, {"bye 5"}},
      {"profile extension after the blocks", {0x80, 201, 0, 2, 0, 0, 0, 1, 9, 9, 9, 9}, {}},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    Log log;
    EXPECT_TRUE(ParseRtcp(item.packet, log).ok());
    EXPECT_EQ(log.lines, item.expected);
  }
}

TEST(RtcpParser, MalformedPacketsHaveNoEffect) {
  const Buffer bye = {0x81, 203, 0, 1, 0, 0, 0, 5};
  const std::pair<std::string, Buffer> cases[] = {
      {"version", {0x41, 203, 0, 1, 0, 0, 0, 5}},
      {"header cut off", {0x81, 203, 0}},
      {"length beyond the packet", {0x81, 203, 0, 2, 0, 0, 0, 5}},
      {"SR shorter than its sender part", {0x80, 200, 0, 1, 0, 0, 0, 5}},
      {"more blocks than bytes", {0x81, 201, 0, 1, 0, 0, 0, 5}},
      {"more sources than bytes", {0x82, 203, 0, 1, 0, 0, 0, 5}},
      {"NACK without SSRCs", {0x81, 205, 0, 1, 0, 0, 0, 5}},
      {"PLI without media SSRC", {0x81, 206, 0, 1, 0, 0, 0, 5}},
      {"FIR entry cut off", {0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2}},
      {"SDES item beyond its packet", {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 3, 'a', 'b'}},
      {"SDES without end", {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 'a', 'b'}},
      {"SDES with fewer chunks than it says", {0x82, 202, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0}},
      {"padding of zero", {0xa1, 203, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0}},
      {"padding not of whole words", {0xa1, 203, 0, 2, 0, 0, 0, 5, 0, 0, 0, 3}},
      {"padding longer than the body", {0xa1, 203, 0, 2, 0, 0, 0, 5, 0, 0, 0, 12}},
      {"padding but no body", {0xa0, 203, 0, 0}},
  };
  for (const auto& [name, packet] : cases) {
    SCOPED_TRACE(name);
    Buffer compound = bye;
    compound.insert(compound.end(), packet.begin(), packet.end());
    Log log;
    const Status status = ParseRtcp(compound, log);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kMalformed);
    EXPECT_TRUE(log.lines.empty());
  }
  Log log;
  EXPECT_FALSE(ParseRtcp({}, log).ok());
  const Buffer padded_first = {0xa1, 203, 0,    2,   0, 0, 0, 5, 0, 0,
                               0,    4,   0x81, 203, 0, 1, 0, 0, 0, 5};
  EXPECT_FALSE(ParseRtcp(padded_first, log).ok());
  EXPECT_TRUE(log.lines.empty());
}

}  // namespace
}  // namespace boardcast
