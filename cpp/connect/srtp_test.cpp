#include "connect/srtp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "testing/packet_builder.h"

namespace boardcast {
namespace {

std::vector<std::uint8_t> FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return bytes;
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> ArrayFromHex(std::string_view hex) {
  const std::vector<std::uint8_t> bytes = FromHex(hex);
  EXPECT_EQ(bytes.size(), kSize);
  std::array<std::uint8_t, kSize> array{};
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

Packet PacketFromHex(std::string_view hex) {
  const std::vector<std::uint8_t> bytes = FromHex(hex);
  Packet packet;
  std::copy(bytes.begin(), bytes.end(), packet.buffer.begin());
  packet.size = bytes.size();
  return packet;
}

std::vector<std::uint8_t> Contents(const Packet& packet) {
  return {packet.bytes().begin(), packet.bytes().end()};
}

SrtpMasterKey TestMasterKey() {
  SrtpMasterKey master;
  for (std::size_t i = 0; i < kSrtpKeySize; ++i) master.key[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < kSrtpSaltSize; ++i) {
    master.salt[i] = static_cast<std::uint8_t>(0xa0 + i);
  }
  return master;
}

// The vectors of RFC 7714 give session keys, the same for RTP and RTCP.
SrtpSessionKeys VectorKeys() {
  const auto key = ArrayFromHex<16>("000102030405060708090a0b0c0d0e0f");
  const auto salt = ArrayFromHex<12>("517569642070726f2071756f");
  return {key, salt, key, salt};
}

template <typename Endpoint, typename Keys>
Endpoint Make(const Keys& keys) {
  Result<Endpoint> endpoint = Endpoint::Create(keys);
  EXPECT_TRUE(endpoint.ok());
  return std::move(endpoint).value();
}

Packet PlainRtp(std::uint16_t sequence_number, std::uint32_t ssrc = 1) {
  Random random(sequence_number);
  Packet packet;
  BuildRtpPacket({.sequence_number = sequence_number, .ssrc = ssrc}, random, packet);
  return packet;
}

Packet PlainRtcp(std::uint32_t ssrc = 1) {
  Packet packet = PacketFromHex("80c9000100000000deadbeef");
  ByteWriter(MutableBytes(packet.buffer).subspan(4, 4)).U32(ssrc);
  return packet;
}

ErrorCode CodeOf(const Status& status) {
  EXPECT_FALSE(status.ok());
  return status.ok() ? ErrorCode::kSystem : status.error().code;
}

TEST(SrtpKeysTest, DerivesTheKeysOfRfc3711AppendixB3) {
  const auto key = ArrayFromHex<16>("e1f97a0d3e018be0d64fa32c06de4139");
  const auto salt = ArrayFromHex<14>("0ec675ad498afeebb6960b3aabe6");
  const struct {
    std::uint8_t label;
    std::string_view derived;
  } cases[] = {{0, "c61e7a93744f39ee10734afe3ff7a087"},
               {1, "cebe321f6ff7716b6fd4ab49af256a156d38baa4"},
               {2, "30cbbc08863d8c85d49db34a9ae1"}};
  for (const auto& [label, derived] : cases) {
    std::vector<std::uint8_t> out(derived.size() / 2);
    ASSERT_TRUE(DeriveSrtpKey(key, salt, label, out).ok());
    EXPECT_EQ(out, FromHex(derived)) << int{label};
  }
}

constexpr std::string_view kVectorRtp =
    "8040f17b8041f8d35501a0b2"
    "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
constexpr std::string_view kVectorSrtp =
    "8040f17b8041f8d35501a0b2"
    "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
    "899d7f27beb16a9152cf765ee4390cce";

TEST(SrtpTest, RtpVectorOfRfc7714Section16) {
  Packet packet = PacketFromHex(kVectorRtp);
  ASSERT_TRUE(Make<SrtpSender>(VectorKeys()).ProtectRtp(packet).ok());
  EXPECT_EQ(Contents(packet), FromHex(kVectorSrtp));
  ASSERT_TRUE(Make<SrtpReceiver>(VectorKeys()).UnprotectRtp(packet).ok());
  EXPECT_EQ(Contents(packet), FromHex(kVectorRtp));
}

constexpr std::string_view kVectorRtcp =
    "81c8000d4d617273"
    "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
constexpr std::string_view kVectorSrtcp =
    "81c8000d4d617273"
    "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
    "c84aa45896cf4d2fc5abf87245d9eade800005d4";
constexpr std::string_view kVectorSrtcpTagOnly =
    "81c8000d4d617273"
    "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"
    "841dd9683dd78ec92ae58790125f62b3000005d4";

TEST(SrtpTest, RtcpVectorOfRfc7714Section17) {
  SrtpSender sender = Make<SrtpSender>(VectorKeys());
  Packet packet;
  for (int index = 0; index <= 0x5d4; ++index) {  // The vector's index is 0x5d4.
    packet = PacketFromHex(kVectorRtcp);
    ASSERT_TRUE(sender.ProtectRtcp(packet).ok());
  }
  EXPECT_EQ(Contents(packet), FromHex(kVectorSrtcp));
  ASSERT_TRUE(Make<SrtpReceiver>(VectorKeys()).UnprotectRtcp(packet).ok());
  EXPECT_EQ(Contents(packet), FromHex(kVectorRtcp));
}

TEST(SrtpTest, TakesRtcpThatIsAuthenticatedOnly) {
  Packet packet = PacketFromHex(kVectorSrtcpTagOnly);
  ASSERT_TRUE(Make<SrtpReceiver>(VectorKeys()).UnprotectRtcp(packet).ok());
  EXPECT_EQ(Contents(packet), FromHex(kVectorRtcp));
}

// What libsrtp makes of this master key: covers the key derivation with a 96-bit salt.
TEST(SrtpTest, AgreesWithLibsrtpFromTheMasterKeyOn) {
  SrtpSender sender = Make<SrtpSender>(TestMasterKey());
  Packet rtp = PacketFromHex("800f1234decafbadcafebabeabababababababababababababababab");
  ASSERT_TRUE(sender.ProtectRtp(rtp).ok());
  EXPECT_EQ(Contents(rtp),
            FromHex("800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826"
                    "f796b201df3131a127e8a392"));
  Packet rtcp;
  for (int index = 0; index <= 1; ++index) {  // libsrtp counts from 1.
    rtcp = PacketFromHex("81c8000bcafebabeabababababababababababababababab");
    ASSERT_TRUE(sender.ProtectRtcp(rtcp).ok());
  }
  EXPECT_EQ(Contents(rtcp),
            FromHex("81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446"
                    "ea31123ba88ce61e80000001"));
}

TEST(SrtpTest, LeavesCsrcListAndExtensionReadable) {
  // Two CSRCs, an extension of one word, four bytes of payload.
  const std::string_view plain = "92600001000000020000000300000004000000051234000100000006cafecafe";
  Packet packet = PacketFromHex(plain);
  ASSERT_TRUE(Make<SrtpSender>(TestMasterKey()).ProtectRtp(packet).ok());
  const std::vector<std::uint8_t> header = FromHex(plain.substr(0, 56));
  EXPECT_TRUE(std::equal(header.begin(), header.end(), packet.buffer.begin()));
  EXPECT_NE(packet.buffer[28], 0xca);
  ASSERT_TRUE(Make<SrtpReceiver>(TestMasterKey()).UnprotectRtp(packet).ok());
  EXPECT_EQ(Contents(packet), FromHex(plain));
}

TEST(SrtpTest, FollowsSequenceNumbersOverManyWrapsWithLossAndReordering) {
  SrtpSender sender = Make<SrtpSender>(TestMasterKey());
  SrtpReceiver receiver = Make<SrtpReceiver>(TestMasterKey());
  Random random(3);
  Packet held = {};
  held.size = 0;
  for (std::uint32_t sequence = 1000; sequence < 200'000; sequence += 37) {
    Packet packet = PlainRtp(static_cast<std::uint16_t>(sequence));
    ASSERT_TRUE(sender.ProtectRtp(packet).ok());
    if (random.Chance(0.2)) continue;
    if (random.Chance(0.2) && held.size == 0) {
      held = packet;
      continue;
    }
    ASSERT_TRUE(receiver.UnprotectRtp(packet).ok()) << sequence;
    EXPECT_EQ(Contents(packet), Contents(PlainRtp(static_cast<std::uint16_t>(sequence))));
    if (held.size > 0) {
      // Overtaken packets may be from before the wrap.
      ASSERT_TRUE(receiver.UnprotectRtp(held).ok()) << sequence;
      held.size = 0;
    }
  }
}

TEST(SrtpTest, ReceiverThatJoinsAfterAWrapNeedsTheHint) {
  SrtpSender sender = Make<SrtpSender>(TestMasterKey());
  for (const std::uint16_t sequence : {20'000, 50'000, 10'000}) {
    Packet packet = PlainRtp(sequence);
    ASSERT_TRUE(sender.ProtectRtp(packet).ok());
  }
  SrtpReceiver receiver = Make<SrtpReceiver>(TestMasterKey());
  Packet packet = PlainRtp(10'001);
  ASSERT_TRUE(sender.ProtectRtp(packet).ok());
  Packet again = packet;
  EXPECT_EQ(CodeOf(receiver.UnprotectRtp(packet)), ErrorCode::kAuthenticationFailed);
  receiver.HintRolloverCounter(1, 7);
  receiver.HintRolloverCounter(1, 1);
  EXPECT_TRUE(receiver.UnprotectRtp(again).ok());
}

TEST(SrtpTest, SenderNeverUsesAnIvTwice) {
  SrtpSender sender = Make<SrtpSender>(TestMasterKey());
  Packet first = PlainRtp(7);
  ASSERT_TRUE(sender.ProtectRtp(first).ok());
  Packet second = PlainRtp(7);
  EXPECT_EQ(CodeOf(sender.ProtectRtp(second)), ErrorCode::kReplayed);
  EXPECT_EQ(Contents(second), Contents(PlainRtp(7))) << "a refused packet was changed";
}

TEST(SrtpTest, RefusesReplays) {
  SrtpSender sender = Make<SrtpSender>(TestMasterKey());
  SrtpReceiver receiver = Make<SrtpReceiver>(TestMasterKey());
  std::vector<Packet> packets;
  for (std::uint16_t sequence = 0; sequence < 2000; ++sequence) {
    packets.push_back(PlainRtp(sequence));
    ASSERT_TRUE(sender.ProtectRtp(packets.back()).ok());
    if (sequence == 10) continue;  // Never arrives in time.
    Packet copy = packets.back();
    ASSERT_TRUE(receiver.UnprotectRtp(copy).ok());
  }
  for (const std::size_t replayed : {10u, 0u, 975u, 976u, 1500u, 1999u}) {
    Packet copy = packets[replayed];
    EXPECT_EQ(CodeOf(receiver.UnprotectRtp(copy)), ErrorCode::kReplayed) << replayed;
  }
  Packet rtcp = PlainRtcp();
  ASSERT_TRUE(sender.ProtectRtcp(rtcp).ok());
  Packet copy = rtcp;
  EXPECT_TRUE(receiver.UnprotectRtcp(copy).ok());
  EXPECT_EQ(CodeOf(receiver.UnprotectRtcp(rtcp)), ErrorCode::kReplayed);
}

TEST(SrtpTest, AnyChangedBitIsNoticed) {
  SrtpSender sender = Make<SrtpSender>(TestMasterKey());
  Packet rtp = PlainRtp(1);
  Packet rtcp = PlainRtcp();
  ASSERT_TRUE(sender.ProtectRtp(rtp).ok());
  ASSERT_TRUE(sender.ProtectRtcp(rtcp).ok());
  SrtpReceiver receiver = Make<SrtpReceiver>(TestMasterKey());
  for (std::size_t bit = 0; bit < 8 * rtp.size; ++bit) {
    Packet forged = rtp;
    forged.buffer[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(receiver.UnprotectRtp(forged).ok()) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * rtcp.size; ++bit) {
    Packet forged = rtcp;
    forged.buffer[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(receiver.UnprotectRtcp(forged).ok()) << bit;
  }
  EXPECT_TRUE(receiver.UnprotectRtp(rtp).ok());
  EXPECT_TRUE(receiver.UnprotectRtcp(rtcp).ok());
}

TEST(SrtpTest, ForgedPacketsChangeNothing) {
  SrtpSender sender = Make<SrtpSender>(TestMasterKey());
  SrtpMasterKey wrong = TestMasterKey();
  wrong.key[0] ^= 1;
  SrtpReceiver receiver = Make<SrtpReceiver>(TestMasterKey());
  Packet first = PlainRtp(100);
  ASSERT_TRUE(sender.ProtectRtp(first).ok());
  ASSERT_TRUE(receiver.UnprotectRtp(first).ok());

  // Sequence numbers that would move the rollover counter, and more SSRCs than there is room for.
  for (std::uint32_t i = 0; i < 100; ++i) {
    Packet jump = PlainRtp(static_cast<std::uint16_t>(i * 650 + 300));
    Packet stranger = PlainRtp(1, 1000 + i);
    SrtpSender forger = Make<SrtpSender>(wrong);
    for (Packet* forged : {&jump, &stranger}) {
      ASSERT_TRUE(forger.ProtectRtp(*forged).ok());
      EXPECT_FALSE(receiver.UnprotectRtp(*forged).ok());
    }
  }
  Packet second = PlainRtp(101);
  ASSERT_TRUE(sender.ProtectRtp(second).ok());
  EXPECT_TRUE(receiver.UnprotectRtp(second).ok());
}

TEST(SrtpTest, ForgetsTheLeastRecentlyUsedStreamFirst) {
  std::vector<SrtpSender> senders;
  for (int i = 0; i < 2; ++i) senders.push_back(Make<SrtpSender>(TestMasterKey()));
  SrtpReceiver receiver = Make<SrtpReceiver>(TestMasterKey());
  const auto deliver = [&](std::size_t sender, std::uint16_t sequence, std::uint32_t ssrc) {
    Packet packet = PlainRtp(sequence, ssrc);
    EXPECT_TRUE(senders[sender].ProtectRtp(packet).ok());
    return receiver.UnprotectRtp(packet).ok();
  };
  // SSRC 0 has wrapped: who forgets it takes its rollover counter for 0 again.
  for (const std::uint16_t sequence : {20'000, 50'000, 5'000}) {
    EXPECT_TRUE(deliver(0, sequence, 0));
  }
  for (std::uint32_t ssrc = 1; ssrc < kMaxSrtpStreams; ++ssrc) EXPECT_TRUE(deliver(0, 1, ssrc));
  EXPECT_TRUE(deliver(0, 5'001, 0));
  EXPECT_TRUE(deliver(1, 1, 1000));  // Evicts SSRC 1, not SSRC 0.
  EXPECT_TRUE(deliver(0, 5'002, 0));
  for (std::uint32_t ssrc = 1001; ssrc < 1001 + kMaxSrtpStreams - 1; ++ssrc) {
    EXPECT_TRUE(deliver(1, 1, ssrc));
  }
  EXPECT_TRUE(deliver(0, 5'003, 0));
}

TEST(SrtpTest, RefusesWhatIsNotAPacket) {
  SrtpSender sender = Make<SrtpSender>(TestMasterKey());
  SrtpReceiver receiver = Make<SrtpReceiver>(TestMasterKey());
  for (const std::string_view hex : {"", "80", "806000010000000200000003",
                                     "0060000100000002000000030000000000000000000000000000",
                                     "9f60000100000002000000030000000000000000000000000000",
                                     "906000010000000200000003ffffffff00000000000000000000"}) {
    Packet packet = PacketFromHex(hex);
    EXPECT_EQ(CodeOf(receiver.UnprotectRtp(packet)), ErrorCode::kMalformed) << hex;
  }
  Packet rtcp = PacketFromHex("80c9000100000001000000000000000000000000000000000000ff");
  EXPECT_EQ(CodeOf(receiver.UnprotectRtcp(rtcp)), ErrorCode::kMalformed);
  Packet empty = PacketFromHex("80c90000");
  EXPECT_EQ(CodeOf(sender.ProtectRtcp(empty)), ErrorCode::kMalformed);
  Packet full = PlainRtp(1);
  full.size = kMaxDatagram;
  EXPECT_EQ(CodeOf(sender.ProtectRtp(full)), ErrorCode::kOverflow);
}

}  // namespace
}  // namespace boardcast
