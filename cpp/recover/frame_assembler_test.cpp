#include "recover/frame_assembler.h"

#include <gtest/gtest.h>

#include <string>

#include "recover/test_video_stream.h"

namespace boardcast {
namespace {

// One letter a frame: 'K' a key frame of 4 packets (parameter sets and three fragments), 'P' a
// frame of one packet, 'Q' one of three.
std::size_t SizeOf(char frame) { return frame == 'P' ? 1 : 3; }

TEST(FrameAssembler, AssemblesEveryPattern) {
  struct Case {
    const char* name;
    const char* frames;
    /// Packet numbers in order of arrival; -n - 1 gives up packet n.
    std::vector<int> events;
    const char* expected;
  };
  const auto lost = [](int packet) { return -packet - 1; };
  const Case cases[] = {
      {"in order", "KPQP", {0, 1, 2, 3, 4, 5, 6, 7, 8}, "K0 P1 P2 P3"},
      {"reordered", "KPQP", {1, 0, 3, 2, 7, 8, 6, 5, 4}, "K0 P1 P2 P3"},
      {"duplicates", "KPQ", {0, 0, 1, 2, 3, 1, 4, 4, 5, 6, 7, 7}, "K0 P1 P2"},
      {"waits for a gap", "KPQP", {0, 1, 2, 3, 4, 5, 7, 8}, "K0 P1"},
      {"middle lost", "KQP", {0, 1, 2, 3, 4, lost(5), 6, 7}, "K0 P2!"},
      {"head lost, nothing usable", "KQP", {0, 1, 2, 3, lost(4), 5, 6, 7}, "K0 P2!"},
      {"tail lost", "KQP", {0, 1, 2, 3, 4, 5, lost(6), 7}, "K0 P2!"},
      {"whole frames lost", "KPPP", {0, 1, 2, 3, lost(4), lost(5), 6}, "K0 P3!"},
      {"gap over a frame boundary",
       "KQQP",
       {0, 1, 2, 3, 4, 5, lost(6), lost(7), 8, 9, 10},
       "K0 P3!"},
      {"repaired by a key frame",
       "KPPKP",
       {0, 1, 2, 3, lost(4), 5, 6, 7, 8, 9, 10},
       "K0 P2! K3 P4"},
      {"begins without a key frame", "PQKP", {0, 1, 2, 3, 4, 5, 6, 7, 8}, "K2 P3"},
      {"begins within a key frame", "KPKP", {2, 3, 4, 5, 6, 7, 8, 9}, "K2 P3"},
      {"first key frame damaged", "KPKP", {0, 1, lost(2), 3, 4, 5, 6, 7, 8, 9}, "K2 P3"},
      {"joins at a key frame behind a gap", "KPKP", {0, 1, 3, 4, 5, 6, 7, 8, 9}, "K2 P3"},
      {"key frame's parameter sets missing", "PKPK", {0, 2, 3, 4, 5, 6, 7, 8, 9}, "K3"},
      {"later key frame damaged", "KKP", {0, 1, 2, 3, 4, lost(5), 6, 7, 8}, "K0 P1?! P2!"},
      {"given up, yet it comes", "KPP", {0, 1, 2, 3, lost(4), 4, 5}, "K0 P1 P2"},
      {"given up before it is known", "KPP", {0, lost(5), 1, 2, 3, 4, 5}, "K0 P1 P2"},
  };
  for (const Case& c : cases) {
    TestVideoStream stream;
    for (const char* frame = c.frames; *frame; ++frame) {
      stream.AddFrame(*frame == 'K', SizeOf(*frame));
    }
    for (const int event : c.events) {
      if (event < 0) {
        stream.GiveUp(-event - 1);
      } else {
        stream.Deliver(event);
      }
    }
    EXPECT_EQ(stream.PopText(), c.expected) << c.name;
  }
}

TEST(FrameAssembler, KeyFrameBehindAGapWaitsForARetransmissionWhileThePictureIsRight) {
  TestVideoStream stream;
  for (const bool key : {true, false, false, true, false, false}) stream.AddFrame(key);
  for (const int packet : {0, 1, 2}) stream.Deliver(packet);
  EXPECT_EQ(stream.PopText(), "K0 P1");
  // Packet 3 (frame 2) is missing; frame 3 is a key frame.
  for (const int packet : {4, 5}) stream.Deliver(packet, kTestStart + 10ms);
  EXPECT_EQ(stream.PopText(), "");
  stream.Deliver(6, kTestStart + 109ms);
  EXPECT_EQ(stream.PopText(), "");
  stream.Deliver(7, kTestStart + 110ms);
  EXPECT_EQ(stream.PopText(), "K3 P4 P5");
  EXPECT_EQ(stream.Abandoned(), std::vector<std::int64_t>{3});
  EXPECT_FALSE(stream.Deliver(3, kTestStart + 111ms));
}

TEST(FrameAssembler, KeyFrameBehindAGapIsTakenAtOnceWhenThePictureIsWrong) {
  TestVideoStream stream;
  for (const bool key : {true, false, false, false, true}) stream.AddFrame(key);
  for (const int packet : {0, 1, 3}) stream.Deliver(packet);
  stream.GiveUp(2);
  EXPECT_EQ(stream.PopText(), "K0 P2!");
  EXPECT_TRUE(stream.assembler.needs_key_frame());
  for (const int packet : {5, 6}) stream.Deliver(packet);
  EXPECT_EQ(stream.PopText(), "K4");
  EXPECT_FALSE(stream.assembler.needs_key_frame());
  EXPECT_EQ(stream.Abandoned(), std::vector<std::int64_t>{4});
}

TEST(FrameAssembler, KeyFrameBehindAGapWaitsUntilItIsPlayed) {
  TestVideoStream stream;
  stream.assembler.SetPlayoutDelay(300ms);
  for (const bool key : {true, false, true, false}) stream.AddFrame(key);
  for (const int packet : {0, 1, 3, 4}) stream.Deliver(packet);
  EXPECT_EQ(stream.PopText(), "K0");
  stream.Deliver(5, kTestStart + 299ms);
  EXPECT_EQ(stream.PopText(), "");
  stream.Deliver(2, kTestStart + 299ms);
  EXPECT_EQ(stream.PopText(), "P1 K2 P3");
}

TEST(FrameAssembler, AsksForAKeyFrameOnlyOnceItKnowsThatItMissedOne) {
  TestVideoStream stream;
  for (const bool key : {false, true}) stream.AddFrame(key);
  EXPECT_FALSE(stream.assembler.needs_key_frame());
  stream.Deliver(0);
  EXPECT_EQ(stream.PopText(), "");
  EXPECT_TRUE(stream.assembler.needs_key_frame());
  for (const int packet : {1, 2}) stream.Deliver(packet);
  EXPECT_EQ(stream.PopText(), "K1");
  EXPECT_FALSE(stream.assembler.needs_key_frame());
  EXPECT_EQ(stream.assembler.counters().frames_dropped, 1u);
}

TEST(FrameAssembler, IncompleteFrameHoldsWhatArrived) {
  TestVideoStream stream;
  stream.AddFrame(true, 3);
  stream.AddFrame(true, 3);
  for (int packet = 0; packet < 6; ++packet) stream.Deliver(packet);
  stream.GiveUp(6, kTestStart + 700ms);
  stream.Deliver(7);
  const auto frames = stream.Pop();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_FALSE(frames[1].chunk->complete);
  EXPECT_FALSE(frames[1].chunk->key);
  EXPECT_EQ(frames[1].packets, 3);
  EXPECT_EQ(frames[1].completed, kTestStart + 700ms);
  EXPECT_EQ(frames[1].chunk->data.size(), 4u + 12 + 4 + 6);  // SPS and PPS.
  EXPECT_EQ(stream.assembler.counters().frames_incomplete, 1u);
  EXPECT_EQ(stream.assembler.counters().key_frames, 1u);
}

TEST(FrameAssembler, StampsTimesAndUnwrapsTimestamps) {
  TestVideoStream stream;
  for (int frame = 0; frame < 4; ++frame) stream.AddFrame(frame == 0, 2);
  for (int packet = 0; packet < stream.count(); ++packet) {
    stream.Deliver(packet, kTestStart + 1ms * packet);
  }
  const auto frames = stream.Pop();
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(frames[0].first_packet, kTestStart);
  EXPECT_EQ(frames[0].completed, kTestStart + 2ms);
  EXPECT_EQ(frames[0].chunk->coded_time, kTestStart + 2ms);
  EXPECT_EQ(frames[0].packets, 3);
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(frames[i].unwrapped_rtp_timestamp, frames[0].unwrapped_rtp_timestamp + 3000 * i);
  }
}

TEST(FrameAssembler, EmptyChunkPoolLosesNothing) {
  TestVideoStream stream;
  for (int frame = 0; frame < 70; ++frame) stream.AddFrame(frame == 0);
  for (int packet = 0; packet < stream.count(); ++packet) stream.Deliver(packet);
  EXPECT_EQ(stream.Pop().size(), 64u);  // The pool's 64 are all held until after this line.
  EXPECT_EQ(stream.PopText(), "P64 P65 P66 P67 P68 P69");
}

TEST(FrameAssembler, DropsTheOldestBeyondItsWindow) {
  TestVideoStream stream;
  stream.AddFrame(true);
  for (int frame = 0; frame < 1100; ++frame) stream.AddFrame(false);
  for (const int packet : {0, 1}) stream.Deliver(packet);
  EXPECT_EQ(stream.PopText(), "K0");
  for (int packet = 3; packet < 1030; ++packet) stream.Deliver(packet);  // 2 never comes.
  EXPECT_EQ(stream.assembler.counters().frames_dropped, 3u);
  EXPECT_EQ(stream.Abandoned(), std::vector<std::int64_t>{2});
  EXPECT_LE(stream.packet_pool.leased(), 1024u);
  EXPECT_TRUE(stream.assembler.needs_key_frame());
}

TEST(FrameAssembler, JumpForgetsWhatWasWaiting) {
  TestVideoStream stream;
  stream.AddFrame(true);
  stream.AddFrame(false, 3);
  for (int i = 0; i < 3000; ++i) stream.AddFrame(i == 2990);
  for (const int packet : {0, 1, 2, 4}) stream.Deliver(packet);
  EXPECT_EQ(stream.PopText(), "K0");
  for (std::int64_t packet = stream.count() - 20; packet < stream.count(); ++packet) {
    stream.Deliver(packet);
  }
  const std::string text = stream.PopText();
  EXPECT_TRUE(text.starts_with("P2983! P2984!")) << text;
  EXPECT_TRUE(text.ends_with("P2991! K2992 P2993 P2994 P2995 P2996 P2997 P2998 P2999 P3000 P3001"))
      << text;
}

}  // namespace
}  // namespace boardcast
