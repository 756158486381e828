#include "protect/fec_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/reed_solomon.h"
#include "testing/packet_builder.h"
#include "testing/random.h"

namespace boardcast {
namespace {

/// A repair packet as it comes out of the wire.
struct Repair {
  int k, m, index;
  std::uint16_t base;
  std::vector<std::uint8_t> symbol;
};

/// Feeds an encoder with random packets and keeps their symbols by sequence number.
class Stream {
 public:
  explicit Stream(FecEncoder& encoder, std::uint16_t first = 65'000)
      : encoder_(encoder), next_(first), symbols_(65'536) {}

  std::vector<Repair> Frame(int packets, bool key = false, std::size_t max_payload = 60) {
    for (int i = 0; i < packets; ++i) {
      Packet packet;
      RtpPacketSpec spec;
      spec.sequence_number = next_;
      spec.payload_size = random_.Below(max_payload + 1);
      BuildRtpPacket(spec, random_, packet);
      encoder_.AddSource(packet.bytes());
      auto& symbol = symbols_[next_++];
      symbol.resize(kMaxFecSymbol);
      symbol.resize(WriteFecSymbol(packet.bytes(), symbol));
    }
    std::vector<Repair> repairs;
    const int count = encoder_.EndFrame(key);
    for (int index = 0; index < count; ++index) repairs.push_back(Read(index));
    return repairs;
  }

  /// What repair symbol `index` over k packets from `base` has to be.
  std::vector<std::uint8_t> Expected(const Repair& repair) const {
    std::vector<std::uint8_t> sum;
    for (int j = 0; j < repair.k; ++j) {
      const auto& symbol = symbols_[static_cast<std::uint16_t>(repair.base + j)];
      sum.resize(std::max(sum.size(), symbol.size()));
      const std::uint8_t coefficient = ReedSolomonCoefficient(
          static_cast<std::size_t>(repair.index), static_cast<std::size_t>(j));
      for (std::size_t i = 0; i < symbol.size(); ++i) {
        sum[i] ^= gf256::Multiply(coefficient, symbol[i]);
      }
    }
    return sum;
  }

  std::uint16_t next() const { return next_; }

 private:
  Repair Read(int index) {
    std::vector<std::uint8_t> payload(kMaxDatagram);
    payload.resize(encoder_.WriteRepair(index, payload));
    const Result<FecRepair> repair = ParseFecRepair(payload);
    EXPECT_TRUE(repair.ok());
    if (!repair) return {};
    return {repair->source_count,
            repair->repair_count,
            repair->repair_index,
            repair->base_sequence_number,
            {repair->symbol.begin(), repair->symbol.end()}};
  }

  FecEncoder& encoder_;
  Random random_{11};
  std::uint16_t next_;
  std::vector<std::vector<std::uint8_t>> symbols_;
};

TEST(FecEncoder, OffByDefaultAndWhenSetToZero) {
  FecEncoder encoder;
  Stream stream(encoder);
  EXPECT_TRUE(stream.Frame(10, true).empty());
  encoder.SetRepairRatio(0.5, 1);
  EXPECT_EQ(stream.Frame(3).size(), 1u);
  encoder.SetRepairRatio(0, 0);
  EXPECT_TRUE(stream.Frame(40).empty());
  encoder.SetRepairRatio(0.5, 0.5);
  const auto repairs = stream.Frame(4);
  ASSERT_EQ(repairs.size(), 2u);
  EXPECT_EQ(repairs[0].k, 4);
}

TEST(FecEncoder, OverheadIsExactInTheLongRun) {
  struct Case {
    double ratio;
    int smallest, largest;  ///< Packets in a frame.
  };
  for (const auto& [ratio, smallest, largest] :
       {Case{0.02, 1, 4}, Case{0.1, 1, 1}, Case{0.1, 1, 12}, Case{0.2, 10, 10}, Case{0.33, 1, 30},
        Case{0.5, 30, 100}, Case{1, 1, 60}, Case{2, 1, 90}}) {
    FecEncoder encoder;
    encoder.SetRepairRatio(ratio, ratio);
    Stream stream(encoder);
    Random random(5);
    int sources = 0, repairs = 0;
    for (int frame = 0; frame < 1000; ++frame) {
      const int packets = smallest + static_cast<int>(random.Below(1 + largest - smallest));
      sources += packets;
      repairs += static_cast<int>(stream.Frame(packets).size());
      ASSERT_LE(std::abs(repairs - ratio * sources), 1 + 1e-6) << ratio << " after " << sources;
    }
  }
}

TEST(FecEncoder, HighRatioProtectsEachFrameByItself) {
  FecEncoder encoder;
  encoder.SetRepairRatio(0.4, 0.4);
  Stream stream(encoder);
  for (int frame = 0; frame < 20; ++frame) {
    const std::uint16_t first = stream.next();
    const auto repairs = stream.Frame(5);
    ASSERT_EQ(repairs.size(), 2u);
    for (const Repair& repair : repairs) {
      EXPECT_EQ(repair.base, first);
      EXPECT_EQ(repair.k, 5);
      EXPECT_EQ(repair.m, 2);
    }
    EXPECT_EQ(repairs[1].index, 1);
  }
}

TEST(FecEncoder, LowRatioSpansFramesUpToTheLimit) {
  FecEncoder encoder(4);
  encoder.SetRepairRatio(0.1, 0.1);
  Stream stream(encoder);
  const std::uint16_t first = stream.next();
  for (int frame = 0; frame < 3; ++frame) EXPECT_TRUE(stream.Frame(2).empty());
  auto repairs = stream.Frame(2);  // 8 packets: a borrowed repair packet.
  ASSERT_EQ(repairs.size(), 1u);
  EXPECT_EQ(repairs[0].k, 8);
  EXPECT_EQ(repairs[0].base, first);
  // The debt of 0.2 is paid off first, so this block is a little longer.
  for (int frame = 0; frame < 3; ++frame) EXPECT_TRUE(stream.Frame(2).empty());
  repairs = stream.Frame(2);
  ASSERT_EQ(repairs.size(), 1u);
  EXPECT_EQ(repairs[0].base, static_cast<std::uint16_t>(first + 8));
}

TEST(FecEncoder, KeyFrameIsABlockOfItsOwn) {
  FecEncoder encoder;
  encoder.SetRepairRatio(0.1, 0.5);
  Stream stream(encoder);
  const std::uint16_t first = stream.next();
  EXPECT_TRUE(stream.Frame(3).empty());
  const auto repairs = stream.Frame(8, true);
  ASSERT_GE(repairs.size(), 4u);
  EXPECT_EQ(repairs[0].base, first);  // The frames before it, closed early.
  EXPECT_EQ(repairs[0].k, 3);
  EXPECT_EQ(repairs[0].m, 1);
  for (std::size_t i = 1; i < repairs.size(); ++i) {
    EXPECT_EQ(repairs[i].base, static_cast<std::uint16_t>(first + 3));
    EXPECT_EQ(repairs[i].k, 8);
  }
}

TEST(FecEncoder, SmallKeyFramesGetARepairPacketEach) {
  FecEncoder encoder;
  encoder.SetRepairRatio(0.1, 0.1);
  Stream stream(encoder);
  for (int frame = 0; frame < 50; ++frame) ASSERT_EQ(stream.Frame(1, true).size(), 1u);
  // And leave no debt worth mentioning.
  std::size_t repairs = 0;
  for (int frame = 0; frame < 11; ++frame) repairs += stream.Frame(2).size();
  EXPECT_GE(repairs, 1u);
}

TEST(FecEncoder, LargeFramesAreSplitEvenlyAndCoveredWhole) {
  for (const int packets : {48, 49, 97, 200, FecEncoder::kMaxPending}) {
    for (const double ratio : {0.05, 0.5, 1.0, 2.0}) {
      FecEncoder encoder;
      encoder.SetRepairRatio(0, ratio);
      Stream stream(encoder, 65'400);
      const std::uint16_t first = stream.next();
      const auto repairs = stream.Frame(packets, true);
      EXPECT_EQ(static_cast<int>(repairs.size()), static_cast<int>(packets * ratio + 1e-6));
      int covered = 0, smallest = packets, largest = 0;
      for (const Repair& repair : repairs) {
        ASSERT_LE(repair.k, static_cast<int>(kMaxFecSourceCount));
        ASSERT_EQ(repair.symbol, stream.Expected(repair));
        if (repair.index != 0) continue;
        EXPECT_EQ(repair.base, static_cast<std::uint16_t>(first + covered));
        covered += repair.k;
        smallest = std::min(smallest, repair.k);
        largest = std::max(largest, repair.k);
      }
      EXPECT_EQ(covered, packets);
      EXPECT_LE(largest - smallest, 1) << packets << " packets, ratio " << ratio;
    }
  }
}

TEST(FecEncoder, PacketsBeyondTheLargestFrameGoUnprotected) {
  FecEncoder encoder;
  encoder.SetRepairRatio(0.1, 0.1);
  Stream stream(encoder);
  EXPECT_EQ(stream.Frame(FecEncoder::kMaxPending + 7, true).size(), 48u);
  EXPECT_EQ(encoder.unprotected_packets(), 7u);
  const std::uint16_t first = stream.next();
  const auto repairs = stream.Frame(20);
  ASSERT_EQ(repairs.size(), 2u);
  EXPECT_EQ(repairs[0].base, first);
}

TEST(FecEncoder, SymbolsAreAsLongAsTheLongestAndNoLonger) {
  FecEncoder encoder;
  encoder.SetRepairRatio(0.5, 0.5);
  Stream stream(encoder);
  for (const std::size_t max_payload : {kMaxDatagram - kRtpHeaderSize, std::size_t{100}}) {
    for (int frame = 0; frame < 20; ++frame) {
      // Slots that held long symbols before must not leak into short ones.
      for (const Repair& repair : stream.Frame(4, false, max_payload)) {
        ASSERT_EQ(repair.symbol, stream.Expected(repair));
      }
    }
  }
}

TEST(FecEncoder, WritesNothingIntoABufferThatIsTooSmall) {
  FecEncoder encoder;
  encoder.SetRepairRatio(1, 1);
  Packet packet;
  Random random(1);
  BuildRtpPacket({}, random, packet);
  encoder.AddSource(packet.bytes());
  ASSERT_EQ(encoder.EndFrame(false), 1);
  const std::size_t size = kFecHeaderSize + kFecSymbolHeaderSize + 100;
  std::vector<std::uint8_t> out(size);
  EXPECT_EQ(encoder.WriteRepair(0, MutableBytes(out).first(size - 1)), 0u);
  EXPECT_EQ(encoder.WriteRepair(0, out), size);
}

}  // namespace
}  // namespace boardcast
