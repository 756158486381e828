#include "recover/fec_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "kernels/reed_solomon.h"
#include "testing/packet_builder.h"
#include "testing/random.h"

namespace boardcast {
namespace {

constexpr std::uint32_t kSsrc = 0x1234'5678;
using Payload = std::vector<std::uint8_t>;

/// The sending end: source packets by unwrapped sequence number, and repair packets over them.
class Sender {
 public:
  explicit Sender(std::uint64_t seed = 1) : random_(seed) {}

  const Packet& Source(std::int64_t seq) {
    const auto [it, fresh] = packets_.try_emplace(seq);
    if (fresh) {
      RtpPacketSpec spec;
      spec.sequence_number = static_cast<std::uint16_t>(seq);
      spec.timestamp = static_cast<std::uint32_t>(seq / 5 * 3000);
      spec.marker = seq % 5 == 4;
      spec.ssrc = kSsrc;
      spec.payload_size = random_.Below(1200);
      BuildRtpPacket(spec, random_, it->second);
    }
    return it->second;
  }

  std::vector<Payload> Repairs(std::int64_t base, std::size_t k, std::size_t m) {
    constexpr std::size_t kRoom = RoundUpToGf256Granularity(kMaxFecSymbol);
    std::vector<Payload> symbols(k, Payload(kRoom)), repairs(m, Payload(kRoom));
    std::vector<const std::uint8_t*> in;
    std::vector<std::uint8_t*> out;
    std::size_t size = 0;
    for (std::size_t j = 0; j < k; ++j) {
      const Packet& packet = Source(base + static_cast<std::int64_t>(j));
      size = std::max(size, WriteFecSymbol(packet.bytes(), symbols[j]));
      in.push_back(symbols[j].data());
    }
    for (Payload& repair : repairs) out.push_back(repair.data());
    ReedSolomonEncode(in, out, kRoom);
    std::vector<Payload> payloads;
    for (std::size_t i = 0; i < m; ++i) {
      FecRepair repair;
      repair.source_count = static_cast<std::uint8_t>(k);
      repair.repair_count = static_cast<std::uint8_t>(m);
      repair.repair_index = static_cast<std::uint8_t>(i);
      repair.base_sequence_number = static_cast<std::uint16_t>(base);
      repair.symbol = Bytes(repairs[i]).first(size);
      payloads.emplace_back(kFecHeaderSize + size);
      EXPECT_EQ(WriteFecRepair(repair, payloads.back()), payloads.back().size());
    }
    return payloads;
  }

 private:
  Random random_;
  std::map<std::int64_t, Packet> packets_;
};

class FecDecoderTest : public testing::Test {
 protected:
  void Give(std::int64_t seq) {
    PacketLease packet = packets.Acquire();
    ASSERT_TRUE(packet);
    const Packet& source = sender.Source(seq);
    std::ranges::copy(source.bytes(), packet->buffer.begin());
    packet->size = source.size;
    decoder.OnSource(seq, packet, out);
  }
  void Give(const Payload& repair) { decoder.OnRepair(repair, kSsrc, out); }

  /// The sequence numbers recovered since the last call, after a comparison with what was sent.
  std::vector<std::int64_t> Take() {
    std::vector<std::int64_t> seqs;
    for (const Recovered& recovered : out) {
      seqs.push_back(recovered.seq);
      EXPECT_TRUE(
          std::ranges::equal(recovered.packet->bytes(), sender.Source(recovered.seq).bytes()));
    }
    out.clear();
    return seqs;
  }

  using Seqs = std::vector<std::int64_t>;
  PacketPool packets{600};
  FecDecoder decoder{packets};
  Sender sender;
  std::vector<Recovered> out;
};

TEST_F(FecDecoderTest, RecoversAsSoonAsThereAreAsManyRepairsAsLosses) {
  const auto repairs = sender.Repairs(100, 6, 3);
  for (const std::int64_t seq : {100, 102, 104, 105}) Give(seq);
  Give(repairs[2]);
  EXPECT_EQ(Take(), Seqs{});
  Give(repairs[0]);
  EXPECT_EQ(Take(), (Seqs{101, 103}));
  Give(repairs[1]);
  EXPECT_EQ(Take(), Seqs{});
  EXPECT_EQ(decoder.received_repairs(), 3u);
  EXPECT_EQ(decoder.recovered_packets(), 2u);
  EXPECT_EQ(decoder.discarded_repairs(), 1u);
}

TEST_F(FecDecoderTest, LateSourceCompletesABlock) {
  const auto repairs = sender.Repairs(100, 4, 1);
  Give(100);
  Give(101);
  Give(repairs[0]);
  EXPECT_EQ(Take(), Seqs{});
  Give(103);
  EXPECT_EQ(Take(), Seqs{102});
  Give(102);  // The retransmission that came too late, or the recovered packet handed back.
  EXPECT_EQ(Take(), Seqs{});
}

TEST_F(FecDecoderTest, RepairsWithoutLossAreDiscarded) {
  const auto repairs = sender.Repairs(100, 3, 2);
  Give(100);
  Give(101);
  Give(repairs[1]);
  Give(repairs[1]);  // A duplicate.
  EXPECT_EQ(Take(), Seqs{102});
  Give(repairs[0]);
  EXPECT_EQ(decoder.discarded_repairs(), 2u);
  EXPECT_EQ(decoder.malformed(), 0u);
}

TEST_F(FecDecoderTest, DuplicateRepairIsNoSecondOne) {
  const auto repairs = sender.Repairs(100, 3, 2);
  Give(100);
  Give(repairs[0]);
  Give(repairs[0]);
  EXPECT_EQ(Take(), Seqs{});
  EXPECT_EQ(decoder.discarded_repairs(), 1u);
  Give(repairs[1]);
  EXPECT_EQ(Take(), (Seqs{101, 102}));
}

TEST_F(FecDecoderTest, CanStillRecoverFollowsWhatMayCome) {
  const auto repairs = sender.Repairs(100, 4, 3);
  Give(100);
  Give(101);
  EXPECT_FALSE(decoder.CanStillRecover(102)) << "no repair packet is known";
  Give(repairs[0]);
  EXPECT_TRUE(decoder.CanStillRecover(102)) << "two losses, one seen, two to come";
  EXPECT_FALSE(decoder.CanStillRecover(104)) << "of another block";
  Give(repairs[2]);
  EXPECT_EQ(Take(), (Seqs{102, 103}));
  EXPECT_FALSE(decoder.CanStillRecover(102)) << "done";

  const auto more = sender.Repairs(200, 4, 2);
  Give(200);
  Give(more[1]);
  EXPECT_FALSE(decoder.CanStillRecover(202)) << "three losses, the last of two seen";
  Give(201);
  Give(202);
  EXPECT_EQ(Take(), Seqs{203});
}

TEST_F(FecDecoderTest, ContradictoryRepairsAreCountedAndDropped) {
  const auto repairs = sender.Repairs(100, 4, 3);
  Give(100);
  Give(repairs[0]);
  const auto expect_malformed = [&](std::size_t position, std::uint8_t value, const char* what) {
    Payload lie = repairs[1];
    lie[position] = value;
    const std::uint64_t before = decoder.malformed();
    Give(lie);
    EXPECT_EQ(decoder.malformed(), before + 1) << what;
  };
  expect_malformed(1, 5, "another k");
  expect_malformed(2, 4, "another m");
  expect_malformed(3, 3, "an index of m");
  Payload longer = repairs[1];
  longer.push_back(0);
  Give(longer);
  EXPECT_EQ(decoder.malformed(), 4u);
  EXPECT_EQ(Take(), Seqs{});
  Give(repairs[1]);
  Give(repairs[2]);
  EXPECT_EQ(Take(), (Seqs{101, 102, 103}));
}

TEST_F(FecDecoderTest, NoiseInASymbolGivesNoPacket) {
  auto repairs = sender.Repairs(100, 3, 2);
  for (std::uint8_t& byte : std::span(repairs[0]).subspan(kFecHeaderSize)) byte ^= 0xff;
  Give(100);
  Give(102);
  Give(repairs[0]);
  EXPECT_EQ(Take(), Seqs{});
  EXPECT_EQ(decoder.malformed(), 1u);
  Give(repairs[1]);  // The block starts afresh.
  EXPECT_EQ(Take(), Seqs{101});
}

TEST_F(FecDecoderTest, SourceLongerThanTheSymbolGivesNoPacket) {
  Payload repair = sender.Repairs(100, 2, 1)[0];
  const std::size_t longest = std::max(sender.Source(100).size, sender.Source(101).size);
  repair.pop_back();
  Give(sender.Source(100).size == longest ? 100 : 101);
  Give(repair);
  EXPECT_EQ(Take(), Seqs{});
  EXPECT_EQ(decoder.malformed(), 1u);
}

TEST_F(FecDecoderTest, RepairsOutsideTheWindowAreDiscarded) {
  const auto early = sender.Repairs(100, 2, 1)[0];
  Give(early);  // Before any source packet.
  EXPECT_EQ(decoder.discarded_repairs(), 1u);
  Give(100);
  Give(100 + static_cast<std::int64_t>(FecDecoder::kSourceRing));
  Give(early);                          // Its block has left the ring.
  Give(sender.Repairs(2000, 2, 1)[0]);  // Far ahead of everything.
  EXPECT_EQ(decoder.discarded_repairs(), 3u);
  EXPECT_EQ(Take(), Seqs{});
}

TEST_F(FecDecoderTest, BlocksThatLeftTheRingAreForgotten) {
  const auto repairs = sender.Repairs(100, 3, 2);
  Give(100);
  Give(repairs[0]);
  EXPECT_TRUE(decoder.CanStillRecover(101));
  Give(100 + static_cast<std::int64_t>(FecDecoder::kSourceRing));
  EXPECT_FALSE(decoder.CanStillRecover(101));
  Give(102);  // Would complete it, but 100 is no longer known.
  EXPECT_EQ(Take(), Seqs{});
  EXPECT_EQ(decoder.discarded_repairs(), 1u);
}

TEST_F(FecDecoderTest, KeepsTheNewestRepairPackets) {
  Give(100);
  const auto lost = sender.Repairs(101, 2, 1);
  Give(lost[0]);
  for (std::size_t i = 0; i < FecDecoder::kRepairRing; ++i) {
    Give(sender.Repairs(110 + 2 * static_cast<std::int64_t>(i), 2, 1)[0]);
  }
  EXPECT_EQ(decoder.discarded_repairs(), 1u);
  Give(102);
  EXPECT_EQ(Take(), Seqs{});
  Give(110);
  EXPECT_EQ(Take(), Seqs{111});
}

TEST(FecDecoder, ExhaustedPoolDelaysRecovery) {
  PacketPool packets(4);
  FecDecoder decoder(packets);
  Sender sender;
  std::vector<Recovered> out;
  PacketLease first = packets.Acquire();
  PacketLease elsewhere = packets.Acquire();
  *first = sender.Source(10);
  decoder.OnSource(10, first, out);
  for (const Payload& repair : sender.Repairs(10, 4, 3)) decoder.OnRepair(repair, kSsrc, out);
  EXPECT_TRUE(out.empty()) << "three lost packets, two buffers";
  EXPECT_EQ(packets.leased(), 2u) << "what could not be finished is given back";
  *elsewhere = sender.Source(13);
  decoder.OnSource(13, elsewhere, out);
  EXPECT_EQ(out.size(), 2u);
  EXPECT_EQ(decoder.recovered_packets(), 2u);
}

TEST(FecDecoder, ReturnsAllItsShares) {
  PacketPool packets(8);
  {
    FecDecoder decoder(packets);
    Sender sender;
    std::vector<Recovered> out;
    PacketLease packet = packets.Acquire();
    *packet = sender.Source(1);
    decoder.OnSource(1, packet, out);
    decoder.OnRepair(sender.Repairs(1, 2, 1)[0], kSsrc, out);
    EXPECT_EQ(out.size(), 1u);
  }
  EXPECT_EQ(packets.leased(), 0u);
}

/// What one block of the property test lost and got.
struct BlockFate {
  std::vector<std::int64_t> lost;
  std::size_t repairs_received = 0;
};

// Random blocks, loss, reordering within a block, and sequence numbers that wrap: a block with
// enough repair packets comes back whole and bit-exact, and one without gives nothing.
TEST_F(FecDecoderTest, RecoversAllThatCanBeRecovered) {
  Random random(9);
  std::int64_t base = 65'300;
  Give(base++);
  for (int round = 0; round < 300; ++round) {
    const std::size_t k = 1 + random.Below(kMaxFecSourceCount);
    const std::size_t m = 1 + random.Below(std::min(k, kMaxFecRepairCount));
    const double loss = random.Unit() * 0.6;
    const auto repairs = sender.Repairs(base, k, m);
    BlockFate fate;
    std::vector<std::int64_t> arrivals;  // Below 0: repair packet -1 - n.
    for (std::size_t j = 0; j < k; ++j) {
      const std::int64_t seq = base + static_cast<std::int64_t>(j);
      (random.Chance(loss) ? fate.lost : arrivals).push_back(seq);
    }
    for (std::size_t i = 0; i < m; ++i) {
      if (random.Chance(loss)) continue;
      arrivals.push_back(-1 - static_cast<std::int64_t>(i));
      ++fate.repairs_received;
    }
    for (std::size_t i = arrivals.size(); i > 1; --i) {
      std::swap(arrivals[i - 1],
                arrivals[std::max(random.Below(i), i - std::min<std::size_t>(i, 5))]);
    }
    for (const std::int64_t arrival : arrivals) {
      if (arrival >= 0) {
        Give(arrival);
      } else {
        Give(repairs[static_cast<std::size_t>(-1 - arrival)]);
      }
    }
    // Reordering may recover a packet before it arrives: compare what had to be recovered.
    const Seqs recovered = Take();
    const bool enough = fate.repairs_received >= fate.lost.size();
    for (const std::int64_t seq : fate.lost) {
      ASSERT_EQ(std::ranges::count(recovered, seq), enough ? 1 : 0) << "k " << k << " m " << m;
    }
    Seqs unique = recovered;
    std::ranges::sort(unique);
    ASSERT_TRUE(std::ranges::adjacent_find(unique) == unique.end());
    base += static_cast<std::int64_t>(k);
  }
  EXPECT_GT(decoder.recovered_packets(), 300u);
  EXPECT_EQ(decoder.malformed(), 0u);
}

}  // namespace
}  // namespace boardcast
