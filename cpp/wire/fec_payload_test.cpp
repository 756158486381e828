#include "wire/fec_payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

const Buffer kSymbol = {1, 2, 3, 4, 5, 6, 7, 8, 9};

TEST(FecPayload, RepairHasTheDocumentedBytes) {
  Buffer payload(32);
  const std::size_t size = WriteFecRepair({10, 4, 3, 0xfffe, kSymbol}, payload);
  payload.resize(size);
  EXPECT_EQ(payload, (Buffer{1, 10, 4, 3, 0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 9}));

  const Result<FecRepair> repair = ParseFecRepair(payload);
  ASSERT_TRUE(repair.ok());
  EXPECT_EQ(repair->source_count, 10);
  EXPECT_EQ(repair->repair_count, 4);
  EXPECT_EQ(repair->repair_index, 3);
  EXPECT_EQ(repair->base_sequence_number, 0xfffe);
  EXPECT_TRUE(std::ranges::equal(repair->symbol, kSymbol));
}

TEST(FecPayload, RepairIsWrittenAroundASymbolInPlace) {
  Buffer payload(kFecHeaderSize + kSymbol.size());
  std::ranges::copy(kSymbol, payload.begin() + kFecHeaderSize);
  const Bytes symbol = Bytes(payload).subspan(kFecHeaderSize);
  ASSERT_EQ(WriteFecRepair({1, 1, 0, 7, symbol}, payload), payload.size());
  EXPECT_TRUE(std::ranges::equal(ParseFecRepair(payload)->symbol, kSymbol));
  EXPECT_EQ(WriteFecRepair({1, 1, 0, 7, kSymbol}, MutableBytes(payload).first(14)), 0u);
}

TEST(FecPayload, RefusesImpossibleRepairs) {
  struct Case {
    std::string name;
    Buffer payload;
    ErrorCode code;
  };
  const Case cases[] = {
      {"empty", {}, ErrorCode::kMalformed},
      {"header cut off", {1, 10, 4, 3, 0}, ErrorCode::kMalformed},
      {"unknown scheme", {2, 10, 4, 3, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, ErrorCode::kUnsupported},
      {"k of 0", {1, 0, 4, 3, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, ErrorCode::kMalformed},
      {"k of 49", {1, 49, 4, 3, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, ErrorCode::kMalformed},
      {"m of 0", {1, 10, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, ErrorCode::kMalformed},
      {"m of 33", {1, 10, 33, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, ErrorCode::kMalformed},
      {"index of m", {1, 10, 4, 4, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, ErrorCode::kMalformed},
      {"symbol too short", {1, 10, 4, 3, 0, 0, 1, 2, 3, 4, 5, 6, 7}, ErrorCode::kMalformed},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    const Result<FecRepair> repair = ParseFecRepair(item.payload);
    ASSERT_FALSE(repair.ok());
    EXPECT_EQ(repair.error().code, item.code);
  }
  Buffer longest(kFecHeaderSize + kMaxFecSymbol);
  ASSERT_NE(WriteFecRepair({48, 32, 31, 0, Buffer(kMaxFecSymbol)}, longest), 0u);
  EXPECT_TRUE(ParseFecRepair(longest).ok());
  longest.push_back(0);
  EXPECT_FALSE(ParseFecRepair(longest).ok());
}

TEST(FecPayload, RepairOfTheLargestSourceFitsTheWire) {
  const Buffer source(kRtpHeaderSize + kMaxProtectedPayload, 0x80);
  Buffer symbol(kMaxFecSymbol);
  symbol.resize(WriteFecSymbol(source, symbol));
  Buffer payload(kMaxRtpPayload);
  EXPECT_EQ(WriteFecRepair({1, 1, 0, 0, symbol}, payload), kMaxRtpPayload);
}

/// Packets with every optional part of the header.
std::vector<Buffer> SourcePackets() {
  std::vector<Buffer> packets;
  const RtpHeader header{true, payload_type::kH264, 513, 0x0102'0304, 0xdead'beef};
  for (const auto& [first, tail] : std::vector<std::pair<std::uint8_t, Buffer>>{
           {0x80, {}},
           {0x80, {1, 2, 3, 0, 0}},
           {0xa0, {1, 2, 0, 0, 3}},
           {0x91, {1, 2, 3, 4, 0xbe, 0xde, 0, 1, 5, 6, 7, 8, 9}},
           {0x80, Buffer(1488, 0xff)},
       }) {
    Buffer packet(kRtpHeaderSize);
    WriteRtpHeader(header, packet);
    packet[0] = first;
    packet.insert(packet.end(), tail.begin(), tail.end());
    packets.push_back(packet);
  }
  return packets;
}

TEST(FecPayload, PacketComesBackFromItsSymbolBitExact) {
  for (const Buffer& packet : SourcePackets()) {
    Buffer symbol(kMaxFecSymbol, 0xcc);
    const std::size_t size = WriteFecSymbol(packet, symbol);
    ASSERT_EQ(size, packet.size() - kRtpHeaderSize + kFecSymbolHeaderSize);
    EXPECT_TRUE(
        std::ranges::all_of(Bytes(symbol).subspan(size), [](int byte) { return byte == 0; }));

    Buffer out(kMaxDatagram);
    for (const std::size_t symbol_size : {size, kMaxFecSymbol}) {
      const Result<std::size_t> restored =
          PacketFromFecSymbol(Bytes(symbol).first(symbol_size), 513, 0xdead'beef, out);
      ASSERT_TRUE(restored.ok());
      EXPECT_TRUE(std::ranges::equal(Bytes(out).first(*restored), packet));
    }
  }
}

TEST(FecPayload, SymbolHasTheDocumentedBytes) {
  Buffer symbol(16, 0xcc);
  EXPECT_EQ(WriteFecSymbol(SourcePackets()[2], symbol), 13u);
  EXPECT_EQ(symbol, (Buffer{0x20, 0xe0, 0, 5, 1, 2, 3, 4, 1, 2, 0, 0, 3, 0, 0, 0}));
}

TEST(FecPayload, WritesNoSymbolWithoutRoomOrPacket) {
  const Buffer packet = SourcePackets()[1];
  Buffer symbol(12);
  EXPECT_EQ(WriteFecSymbol(packet, symbol), 0u);
  EXPECT_EQ(WriteFecSymbol(Bytes(packet).first(11), symbol), 0u);
}

TEST(FecPayload, RefusesHostileSymbols) {
  struct Case {
    std::string name;
    Buffer symbol;
    ErrorCode code;
  };
  const Case cases[] = {
      {"empty", {}, ErrorCode::kMalformed},
      {"header cut off", {0, 96, 0, 0, 1, 2, 3}, ErrorCode::kMalformed},
      {"length beyond the symbol", {0, 96, 0, 2, 1, 2, 3, 4, 5}, ErrorCode::kMalformed},
      {"largest length", {0, 96, 0xff, 0xff, 1, 2, 3, 4, 5}, ErrorCode::kMalformed},
      {"version bits", {0x80, 96, 0, 1, 1, 2, 3, 4, 5}, ErrorCode::kMalformed},
      {"padding that is not zero", {0, 96, 0, 1, 1, 2, 3, 4, 5, 6}, ErrorCode::kMalformed},
      {"CSRC list beyond the packet", {1, 96, 0, 1, 1, 2, 3, 4, 5}, ErrorCode::kMalformed},
      {"larger than the buffer", {0, 96, 0, 3, 1, 2, 3, 4, 5, 6, 7}, ErrorCode::kOverflow},
  };
  std::array<std::uint8_t, 14> out{};
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    const Result<std::size_t> size = PacketFromFecSymbol(item.symbol, 1, 2, out);
    ASSERT_FALSE(size.ok());
    EXPECT_EQ(size.error().code, item.code);
  }
}

}  // namespace
}  // namespace boardcast
