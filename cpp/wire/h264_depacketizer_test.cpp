#include "wire/h264_depacketizer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "wire/h264_packetizer.h"

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint8_t kStap = 0x78;
constexpr std::uint8_t kFu = 0x7c;
constexpr std::uint8_t kStart = 0x80;
constexpr std::uint8_t kEnd = 0x40;

TEST(H264Depacketizer, JoinsEachStructure) {
  H264Depacketizer depacketizer;
  Buffer unit;
  ASSERT_TRUE(depacketizer.Append(Buffer{kStap, 0, 2, 0x67, 1, 0, 1, 0x68}, unit).ok());
  ASSERT_TRUE(depacketizer.Append(Buffer{kFu, kStart | 5, 2}, unit).ok());
  ASSERT_TRUE(depacketizer.Append(Buffer{kFu, 5}, unit).ok());  // An FU payload may be empty.
  ASSERT_TRUE(depacketizer.Append(Buffer{kFu, 5, 3, 4}, unit).ok());
  ASSERT_TRUE(depacketizer.Append(Buffer{kFu, kEnd | 5, 5}, unit).ok());
  ASSERT_TRUE(depacketizer.Append(Buffer{0x41, 6}, unit).ok());
  depacketizer.OnLoss(unit);
  EXPECT_EQ(unit, (Buffer{0, 0, 0,    1, 0x67, 1, 0, 0, 0, 1, 0x68, 0,    0,
                          0, 1, 0x65, 2, 3,    4, 5, 0, 0, 0, 1,    0x41, 6}));
}

TEST(H264Depacketizer, UnfinishedFragmentsLeaveNoTrace) {
  const Buffer whole = {0, 0, 0, 1, 0x41, 6};
  struct Case {
    std::string name;
    std::vector<Buffer> before;  ///< Then OnLoss(), then `after`.
    std::vector<Buffer> after;
  };
  const Case cases[] = {
      {"middle lost", {{0x41, 6}, {kFu, kStart | 5, 2}}, {{kFu, kEnd | 5, 4}}},
      {"end lost", {{kFu, kStart | 5, 2}, {kFu, 5, 3}}, {{0x41, 6}}},
      {"start lost", {}, {{kFu, 5, 2}, {kFu, kEnd | 5, 3}, {0x41, 6}}},
      {"last packets lost", {{0x41, 6}, {kFu, kStart | 5, 2}}, {}},
      {"end never sent, single unit", {}, {{kFu, kStart | 5, 2}, {0x41, 6}}},
      {"end never sent, aggregate", {}, {{kFu, kStart | 5, 2}, {kStap, 0, 2, 0x41, 6}}},
      {"start twice",
       {},
       {{kFu, kStart | 5, 2}, {kFu, kStart | 1, 6}, {kFu, kStart | 5, 2}, {0x41, 6}}},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    H264Depacketizer depacketizer;
    Buffer unit;
    for (const Buffer& payload : item.before) {
      EXPECT_TRUE(depacketizer.Append(payload, unit).ok());
    }
    depacketizer.OnLoss(unit);
    for (const Buffer& payload : item.after) {
      EXPECT_TRUE(depacketizer.Append(payload, unit).ok());
    }
    EXPECT_EQ(unit, whole);
  }
}

TEST(H264Depacketizer, MalformedPayloadsAppendNothing) {
  const std::pair<std::string, Buffer> cases[] = {
      {"empty", {}},
      {"type 0", {0x60, 1}},
      {"STAP-B", {0x79, 0, 0, 0, 1, 0x41}},
      {"FU-B", {0x7d, kStart | 5, 0, 0, 1}},
      {"type 31", {0x7f, 1}},
      {"forbidden bit", {0xc1, 1}},
      {"empty STAP-A", {kStap}},
      {"STAP-A with half a length", {kStap, 0}},
      {"STAP-A with an empty unit", {kStap, 0, 0}},
      {"STAP-A with a unit beyond its end", {kStap, 0, 1, 0x67, 0, 3, 0x68, 1}},
      {"STAP-A in a STAP-A", {kStap, 0, 4, kStap, 0, 1, 0x67}},
      {"FU-A in a STAP-A", {kStap, 0, 3, kFu, kStart | 5, 1}},
      {"FU-A without header", {kFu}},
      {"FU-A that starts and ends", {kFu, kStart | kEnd | 5, 1}},
      {"FU-A of a STAP-A", {kFu, kStart | 24, 1}},
      {"FU-A of type 0", {kFu, kStart | 0, 1}},
      {"FU-A that continues another unit", {kFu, 1, 1}},
  };
  for (const auto& [name, payload] : cases) {
    SCOPED_TRACE(name);
    H264Depacketizer depacketizer;
    Buffer unit;
    ASSERT_TRUE(depacketizer.Append(Buffer{0x41, 6}, unit).ok());
    ASSERT_TRUE(depacketizer.Append(Buffer{kFu, kStart | 5, 2}, unit).ok());
    const Status status = depacketizer.Append(payload, unit);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kMalformed);
    EXPECT_EQ(unit, (Buffer{0, 0, 0, 1, 0x41, 6}));
  }
}

TEST(H264Depacketizer, AccessUnitIsBounded) {
  H264Depacketizer depacketizer;
  Buffer unit;
  ASSERT_TRUE(depacketizer.Append(Buffer{0x41, 6}, unit).ok());
  ASSERT_TRUE(depacketizer.Append(Buffer{kFu, kStart | 5}, unit).ok());
  const Buffer more = [] {
    Buffer payload(60'000, 1);
    payload[0] = kFu;
    payload[1] = 5;
    return payload;
  }();
  while (unit.size() + more.size() - 2 <= kMaxAccessUnit) {
    ASSERT_TRUE(depacketizer.Append(more, unit).ok());
  }
  const Status status = depacketizer.Append(more, unit);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kOverflow);
  EXPECT_EQ(unit, (Buffer{0, 0, 0, 1, 0x41, 6}));

  unit.resize(kMaxAccessUnit - 5);
  depacketizer.Reset();
  EXPECT_FALSE(depacketizer.Append(Buffer{0x41, 6}, unit).ok());
  EXPECT_FALSE(depacketizer.Append(Buffer{kStap, 0, 2, 0x41, 6}, unit).ok());
  EXPECT_TRUE(depacketizer.Append(Buffer{0x41}, unit).ok());
  EXPECT_EQ(unit.size(), kMaxAccessUnit);
}

TEST(H264Depacketizer, ResetForgetsTheFragment) {
  H264Depacketizer depacketizer;
  Buffer first;
  ASSERT_TRUE(depacketizer.Append(Buffer{kFu, kStart | 5, 2}, first).ok());
  depacketizer.Reset();
  Buffer second;
  EXPECT_TRUE(depacketizer.Append(Buffer{kFu, kEnd | 5, 3}, second).ok());
  EXPECT_TRUE(second.empty());
}

TEST(H264Depacketizer, KnowsWhereFramesStart) {
  struct Case {
    Buffer payload;
    bool key;
    bool start;
  };
  const Case cases[] = {
      {{}, false, false},
      {{0x67, 1}, true, true},
      {{0x65, 1}, true, true},
      {{0x68, 1}, false, true},
      {{0x41, 1}, false, true},
      {{kStap, 0, 1, 0x67, 0, 1, 0x68}, true, true},
      {{kStap, 0, 1, 0x06, 0, 1, 0x65}, true, true},
      {{kStap, 0, 1, 0x06, 0, 1, 0x41}, false, true},
      {{kStap}, false, true},
      {{kFu}, false, false},
      {{kFu, kStart | 5}, true, true},
      {{kFu, kStart | 1}, false, true},
      {{kFu, 5}, false, false},
      {{kFu, kEnd | 5}, false, false},
  };
  for (const Case& item : cases) {
    EXPECT_EQ(StartsKeyFrame(item.payload), item.key);
    EXPECT_EQ(IsFrameStart(item.payload), item.start);
  }
}

/// Units of random type, size and content, as an encoder could make them: no start code inside and
/// no zero at the end.
Buffer RandomAccessUnit(std::mt19937& random) {
  static constexpr std::uint8_t kFirstBytes[] = {0x67, 0x68, 0x06, 0x65, 0x41, 0x01};
  static constexpr std::size_t kSizes[] = {1, 2, 30, 400, 1170, 1190, 2400, 20'000};
  Buffer unit;
  for (std::uint32_t count = 1 + random() % 8; count > 0; --count) {
    unit.insert(unit.end(), {0, 0, 0, 1, kFirstBytes[random() % std::size(kFirstBytes)]});
    const std::size_t size = random() % kSizes[random() % std::size(kSizes)];
    for (std::size_t i = 0; i < size; ++i) {
      unit.push_back(static_cast<std::uint8_t>(1 + random() % 255));
    }
  }
  return unit;
}

TEST(H264Depacketizer, RoundTripOfRandomAccessUnits) {
  std::mt19937 random(1);
  H264Depacketizer depacketizer;
  Buffer received;
  Buffer out(kMaxDatagram);
  for (int round = 0; round < 500; ++round) {
    const std::size_t max_payload = round % 5 == 0 ? 16 + random() % 1000 : kMaxProtectedPayload;
    H264Packetizer packetizer(max_payload);
    const Buffer sent = RandomAccessUnit(random);
    packetizer.Begin(sent);
    depacketizer.Reset();
    received.clear();
    while (!packetizer.done()) {
      const std::size_t size = packetizer.Next(out);
      ASSERT_LE(size, max_payload);
      ASSERT_TRUE(depacketizer.Append(Bytes(out).first(size), received).ok());
    }
    depacketizer.OnLoss(received);
    ASSERT_EQ(received, sent) << "round " << round;
  }
}

}  // namespace
}  // namespace boardcast
