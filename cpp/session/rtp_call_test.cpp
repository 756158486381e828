// The whole protocol between coded frames on one side and coded frames on the other: RtpSender and
// RtpReceiver over the emulated network, in made-up time.

#include <gtest/gtest.h>

#include <algorithm>

#include "session/test_call.h"

namespace boardcast {
namespace {

NetworkConditions Link(double loss_percent, Duration delay, Duration jitter = 0us) {
  return {.loss_percent = loss_percent, .delay = delay, .jitter = jitter};
}

TEST(RtpCall, WithoutLossEveryFrameComesAtOnceAndUnchanged) {
  TestCall call(Link(0, 40ms), 1);
  call.Run(10s);
  call.sending = false;
  call.Run(300ms);
  EXPECT_EQ(call.listener.frames, call.sent);
  EXPECT_EQ(call.listener.recorded, call.sent);
  EXPECT_EQ(call.listener.damaged, 0);
  // One-way delay and the time that the pacer takes for the key frame.
  EXPECT_LE(call.listener.largest_latency, 40ms + 60ms);
  EXPECT_EQ(call.key_frames_sent, 1);
  EXPECT_EQ(call.listener.events, (std::vector<std::string>{"audio start", "video start"}));
}

TEST(RtpCall, WithoutLossProtectionFadesToNothing) {
  TestCall call(Link(0, 40ms), 2);
  call.Run(20s);
  const StatsGroup before = call.SentVideo();
  call.Run(20s);
  const StatsGroup after = call.SentVideo();
  const double fec = TestCall::Get(after, "fecBytesSent") - TestCall::Get(before, "fecBytesSent");
  const double media =
      TestCall::Get(after, "mediaBytesSent") - TestCall::Get(before, "mediaBytesSent");
  EXPECT_LE(fec, 0.02 * media);
  EXPECT_EQ(TestCall::Get(after, "retransmittedPacketsSent"), 0);
}

class LossyCall : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LossyCall, FivePercentLossAtEightyMillisecondsIsNotSeen) {
  TestCall call(Link(5, 40ms), GetParam());
  call.Run(20s);
  call.sending = false;
  call.Run(500ms);
  EXPECT_GE(call.listener.frames.size(), call.sent.size() * 0.995);
  EXPECT_EQ(call.listener.damaged, 0);
  // A W3C freeze needs a gap of 33 ms + 150 ms.
  EXPECT_LT(call.listener.longest_gap, 183ms);
  const StatsGroup stats = call.SentVideo();
  const double repair = TestCall::Get(stats, "fecBytesSent") +
                        TestCall::Get(stats, "retransmittedBytesSent") +
                        kRtpHeaderSize * (TestCall::Get(stats, "fecPacketsSent") +
                                          TestCall::Get(stats, "retransmittedPacketsSent"));
  EXPECT_LE(repair, 0.35 * TestCall::Get(stats, "mediaBytesSent"));
  StatsGroup transport;
  call.receiver->FillTransportStats(transport);
  EXPECT_LE(TestCall::Get(transport, "avSkewP95"), 0.045);
  std::vector<Duration>& latencies = call.listener.latencies;
  std::sort(latencies.begin(), latencies.end());
  EXPECT_LE(latencies[latencies.size() * 95 / 100], 40ms + 120ms);
  const StatsGroup received = call.receiver->VideoStats();
  EXPECT_GT(TestCall::Get(received, "fecRecovered"), 0);
  EXPECT_GT(TestCall::Get(received, "rtxRecovered"), 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LossyCall, testing::Range<std::uint64_t>(100, 140));

TEST(RtpCall, TheSameSeedGivesTheSameCall) {
  const auto run = [] {
    TestCall call(Link(8, 30ms, 10ms), 77);
    call.Run(10s);
    return std::pair(call.listener.frames, TestCall::Get(call.SentVideo(), "packetsSent"));
  };
  EXPECT_EQ(run(), run());
}

TEST(RtpCall, ThirtyPercentLossDegradesButDoesNotCollapse) {
  TestCall call(Link(30, 40ms), 5);
  call.Run(20s);
  EXPECT_GE(call.listener.frames.size(), call.sent.size() / 2);
}

TEST(RtpCall, WhatComesOutIsAlwaysWhatWasSent) {
  TestCall call(Link(15, 60ms, 30ms), 6);
  call.Run(20s);
  // In order, nothing twice, nothing made up (incomplete frames are marked as damaged).
  auto from = call.sent.begin();
  int whole = 0;
  for (const auto& frame : call.listener.frames) {
    const auto found = std::find(from, call.sent.end(), frame);
    if (found == call.sent.end()) continue;
    from = found + 1;
    ++whole;
  }
  EXPECT_GE(whole + call.listener.damaged, static_cast<int>(call.listener.frames.size()));
}

TEST(RtpCall, AWrongKeyGivesNothingButCounts) {
  TestCall call(Link(0, 10ms), 7, TestKey(9));
  call.Run(2s);
  EXPECT_TRUE(call.listener.events.empty());
  EXPECT_TRUE(call.listener.frames.empty());
  EXPECT_GT(call.receiver->srtp_failures(), 100u);
}

TEST(RtpCall, ReplayedPacketsChangeNothing) {
  TestCall call(Link(0, 10ms), 8);
  call.Run(1s);
  const std::vector<std::uint8_t> replayed = call.last_datagram;
  call.Run(1s);
  const auto before = call.receiver->replayed_packets();
  EXPECT_FALSE(call.Deliver(replayed));
  EXPECT_EQ(call.receiver->replayed_packets(), before + 1);
  call.Run(1s);
  call.sending = false;
  call.Run(200ms);
  EXPECT_EQ(call.listener.frames, call.sent);
}

TEST(RtpCall, RandomBytesChangeNothing) {
  TestCall call(Link(0, 10ms), 9);
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    call.Run(10ms);
    std::vector<std::uint8_t> noise(random.Below(kMaxDatagram));
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random.Next());
    if (!noise.empty() && round % 2 == 0) noise[0] = 0x80;  // Looks like RTP.
    EXPECT_FALSE(call.Deliver(noise));
  }
  call.sending = false;
  call.Run(200ms);
  EXPECT_EQ(call.listener.frames, call.sent);
}

TEST(RtpCall, ARestartedSenderIsTakenUp) {
  TestCall call(Link(0, 10ms), 10);
  call.Run(2s);
  call.StartSender();  // As after a kill: no goodbye.
  call.Run(3s);
  const std::vector<std::string> expected = {"video start", "audio start",   "video timeout",
                                             "video start", "audio timeout", "audio start"};
  EXPECT_TRUE(std::is_permutation(call.listener.events.begin(), call.listener.events.end(),
                                  expected.begin(), expected.end()));
  EXPECT_GT(call.listener.frames.size(), 120u);
}

TEST(RtpCall, SilenceEndsTheStreamsAfterTwoSeconds) {
  TestCall call(Link(0, 10ms), 11);
  call.Run(1s);
  call.sending = false;
  call.deaf = true;
  call.Run(1'900ms);
  EXPECT_EQ(call.listener.events.size(), 2u);
  call.Run(200ms);
  EXPECT_EQ(call.listener.events.size(), 4u);
}

TEST(RtpCall, GoodbyeHandsOutWhatStillWaits) {
  TestCall call(Link(0, 10ms, 40ms), 12);
  call.Run(3s);
  call.SayGoodbye();
  call.sending = false;
  call.Run(100ms);
  EXPECT_EQ(call.listener.frames.size(), call.sent.size());
  EXPECT_EQ(std::count(call.listener.events.begin(), call.listener.events.end(), "video bye"), 1);
}

// Sequence numbers have wrapped before the receiver sees its first packet, so the rollover counter
// has to be learned from sender reports.
TEST(RtpCall, AReceiverThatJoinsLateLearnsTheRolloverCounter) {
  TestCall call(Link(0, 10ms), 13);
  call.deaf = true;
  call.Run(1'000s);  // About 80 media packets a second.
  ASSERT_GT(TestCall::Get(call.SentVideo(), "mediaPacketsSent"), 66'000);
  call.deaf = false;
  call.Run(5s);
  EXPECT_GT(call.listener.frames.size(), 60u);
}

TEST(RtpCall, ALostFirstKeyFrameIsAskedForAgain) {
  TestCall call(Link(0, 40ms), 14);
  call.deaf = true;
  call.Run(20ms);
  call.deaf = false;
  call.Run(3s);
  EXPECT_EQ(call.key_frames_sent, 2);
  EXPECT_GT(call.listener.frames.size(), 60u);
  EXPECT_EQ(call.listener.damaged, 0);
}

TEST(RtpCall, SoundIsPlayedThroughLoss) {
  TestCall call(Link(5, 40ms), 15);
  call.Run(20s);
  EXPECT_GT(call.listener.audio_played, 930);
  EXPECT_LT(call.listener.audio_other, 70);
}

TEST(RtpCall, EveryLeaseComesBack) {
  TestCall call(Link(5, 40ms, 10ms), 16);
  call.Run(3s);
  PacketPool& sender_pool = call.sender->packets();
  EXPECT_LE(sender_pool.leased(), sender_pool.capacity());
  EXPECT_EQ(sender_pool.exhausted(), 0u);
  EXPECT_EQ(call.receiver->packets().exhausted(), 0u);
}

}  // namespace
}  // namespace boardcast
