#include "wire/h264_bitstream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

std::vector<Buffer> Units(const Buffer& annexb) {
  std::vector<Buffer> units;
  NalIterator iterator(annexb);
  for (Bytes nal = iterator.Next(); !nal.empty(); nal = iterator.Next()) {
    units.emplace_back(nal.begin(), nal.end());
  }
  return units;
}

TEST(NalIterator, FindsUnits) {
  struct Case {
    std::string name;
    Buffer annexb;
    std::vector<Buffer> expected;
  };
  const Case cases[] = {
      {"empty", {}, {}},
      {"no start code", {1, 2, 3, 0, 0, 2}, {}},
      {"only a start code", {0, 0, 1}, {}},
      {"three bytes", {0, 0, 1, 9, 8}, {{9, 8}}},
      {"four bytes", {0, 0, 0, 1, 9, 8}, {{9, 8}}},
      {"mixed", {0, 0, 0, 1, 9, 0, 0, 1, 8, 0, 0, 0, 1, 7}, {{9}, {8}, {7}}},
      {"zeros around", {0, 0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0}, {{9}, {8}}},
      {"empty unit between", {0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 8}, {{8}}},
      {"bytes before", {5, 0, 0, 1, 9}, {{9}}},
      {"zeros and ones inside", {0, 0, 1, 1, 0, 1, 1, 0, 0, 3, 1}, {{1, 0, 1, 1, 0, 0, 3, 1}}},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    EXPECT_EQ(Units(item.annexb), item.expected);
  }
}

TEST(NalIterator, FindsAStartCodeAtEveryPosition) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (const std::uint8_t filler : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{0x80}}) {
      Buffer annexb = {0, 0, 1, 0x65};
      annexb.insert(annexb.end(), before, filler);
      const Buffer first(annexb.begin() + 3, annexb.end());
      annexb.insert(annexb.end(), {0, 0, 1, 0x41});
      EXPECT_EQ(Units(annexb), (std::vector<Buffer>{first, {0x41}}));
    }
  }
}

/// Writes the fields of an SPS, with emulation prevention.
class SpsWriter {
 public:
  SpsWriter& Bits(std::uint32_t value, int count) {
    while (count-- > 0) bits_.push_back(value >> count & 1);
    return *this;
  }
  SpsWriter& Unsigned(std::uint32_t value) {
    const int size = std::bit_width(value + 1);
    return Bits(0, size - 1).Bits(value + 1, size);
  }
  SpsWriter& Signed(int value) {
    return Unsigned(static_cast<std::uint32_t>(value > 0 ? 2 * value - 1 : -2 * value));
  }
  Buffer Finish() {
    Bits(1, 1);
    while (bits_.size() % 8 != 0) Bits(0, 1);
    Buffer nal = {0x67};
    int zeros = 0;
    for (std::size_t i = 0; i < bits_.size(); i += 8) {
      unsigned byte = 0;
      for (std::size_t bit = 0; bit < 8; ++bit) byte = byte << 1 | (bits_[i + bit] ? 1 : 0);
      if (zeros >= 2 && byte <= 3) {
        nal.push_back(3);
        zeros = 0;
      }
      nal.push_back(static_cast<std::uint8_t>(byte));
      zeros = byte == 0 ? zeros + 1 : 0;
    }
    return nal;
  }

 private:
  std::vector<bool> bits_;
};

TEST(ParseSps, ReadsEncodersOfTheField) {
  struct Case {
    std::string name;
    Buffer sps;
    SpsInfo expected;
  };
  const Case cases[] = {
      {"constrained baseline 640x360",
       {0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00,
        0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x3c, 0x0f, 0x16, 0x2e, 0x48},
       {66, 0xc0, 30, 640, 360}},
      {"high 1920x1080",
       {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00,
        0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x60, 0xc6, 0x58},
       {100, 0, 40, 1920, 1080}},
      {"interlaced 1920x1080",
       {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x04, 0x4f, 0xde, 0x02, 0x20,
        0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x07, 0x83, 0xe2, 0xc5, 0xb2, 0xc0},
       {100, 0, 40, 1920, 1080}},
      {"4:4:4 642x362",
       {0x67, 0xf4, 0x00, 0x1e, 0x91, 0x9b, 0x28, 0x14, 0x85, 0xfc, 0x7c, 0xf8, 0x08,
        0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8b, 0x16, 0xcb},
       {244, 0, 30, 642, 362}},
      {"4:2:2 10 bit 642x362",
       {0x67, 0x7a, 0x00, 0x1e, 0xb6, 0xcd, 0x94, 0x0a, 0x42, 0xfe, 0x22, 0x7c, 0x04, 0x40,
        0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0f, 0x03, 0xc5, 0x8b, 0x65, 0x80},
       {122, 0, 30, 642, 362}},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.name);
    EXPECT_EQ(ParseSps(item.sps), item.expected);
  }
}

/// A Baseline SPS without cropping, `columns` by `rows` macroblocks.
SpsWriter Baseline(std::uint32_t columns, std::uint32_t rows) {
  SpsWriter writer;
  writer.Bits(66, 8).Bits(0xe0, 8).Bits(31, 8).Unsigned(0).Unsigned(0);  // Up to frame_num.
  writer.Unsigned(2).Unsigned(1).Bits(0, 1);  // Order count, reference frames, gaps.
  writer.Unsigned(columns - 1).Unsigned(rows - 1).Bits(0b11, 2);
  return writer;
}

TEST(ParseSps, ReadsScalingListsAndOrderCountTypeOne) {
  SpsWriter writer;
  writer.Bits(100, 8).Bits(0, 8).Bits(31, 8).Unsigned(0);
  writer.Unsigned(1).Unsigned(0).Unsigned(0).Bits(0, 1).Bits(1, 1);  // Scaling matrices follow.
  writer.Bits(1, 1);
  for (int i = 0; i < 16; ++i) writer.Signed(i % 2 == 0 ? 3 : -2);  // A whole list.
  writer.Bits(1, 1).Signed(-8);  // A list that falls back to the default at once.
  writer.Bits(0, 4);
  writer.Bits(1, 1);
  for (int i = 0; i < 64; ++i) writer.Signed(1);
  writer.Bits(0, 1);
  writer.Unsigned(4);
  writer.Unsigned(1).Bits(0, 1).Signed(-70'000).Signed(70'000).Unsigned(2).Signed(1).Signed(-1);
  writer.Unsigned(4).Bits(0, 1).Unsigned(79).Unsigned(44).Bits(0b11, 2).Bits(0, 2);
  EXPECT_EQ(ParseSps(writer.Finish()), (SpsInfo{100, 0, 31, 1280, 720}));
}

TEST(ParseSps, SeesThroughEmulationPrevention) {
  // frame_num length, then offsets that are long runs of zeros.
  SpsWriter writer;
  writer.Bits(66, 8).Bits(0, 8).Bits(0, 8).Unsigned(0).Unsigned(0);
  writer.Unsigned(1).Bits(0, 1).Signed(1 << 28).Signed(1 << 28).Unsigned(0);
  writer.Unsigned(1).Bits(0, 1).Unsigned(3).Unsigned(2).Bits(0b11, 2).Bits(0, 2);
  const Buffer nal = writer.Finish();
  const Buffer emulation = {0, 0, 3};
  ASSERT_FALSE(std::ranges::search(nal, emulation).empty());
  EXPECT_EQ(ParseSps(nal), (SpsInfo{66, 0, 0, 64, 48}));
}

TEST(ParseSps, Crops) {
  EXPECT_EQ(ParseSps(Baseline(10, 10).Bits(0, 2).Finish()), (SpsInfo{66, 0xe0, 31, 160, 160}));
  SpsWriter cropped = Baseline(10, 10).Bits(1, 1);
  cropped.Unsigned(1).Unsigned(2).Unsigned(3).Unsigned(4).Bits(0, 1);
  EXPECT_EQ(ParseSps(cropped.Finish()), (SpsInfo{66, 0xe0, 31, 154, 146}));
}

TEST(ParseSps, RefusesWhatNoDecoderCouldDo) {
  EXPECT_FALSE(ParseSps({}));
  EXPECT_FALSE(ParseSps(Buffer{0x68, 1, 2, 3}));
  EXPECT_FALSE(ParseSps(Buffer(64, 0x00)));
  Buffer zeros(64, 0x00);
  zeros[0] = 0x67;
  EXPECT_FALSE(ParseSps(zeros));
  EXPECT_FALSE(ParseSps(Baseline(1025, 10).Bits(0, 2).Finish()));
  EXPECT_FALSE(ParseSps(Baseline(10, 100'000'000).Bits(0, 2).Finish()));
  SpsWriter all_cropped = Baseline(1, 1).Bits(1, 1);
  all_cropped.Unsigned(8).Unsigned(0).Unsigned(0).Unsigned(0).Bits(0, 1);
  EXPECT_FALSE(ParseSps(all_cropped.Finish()));
  SpsWriter huge_crop = Baseline(1, 1).Bits(1, 1);
  huge_crop.Unsigned(0x7fff'fffe).Unsigned(0x7fff'fffe).Unsigned(0).Unsigned(0).Bits(0, 1);
  EXPECT_FALSE(ParseSps(huge_crop.Finish()));
}

TEST(ParseSps, RefusesEveryTruncation) {
  const Buffer whole = Baseline(40, 23).Bits(0, 1).Finish();
  ASSERT_TRUE(ParseSps(whole));
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    EXPECT_FALSE(ParseSps(Bytes(whole).first(size))) << size;
  }
}

}  // namespace
}  // namespace boardcast
