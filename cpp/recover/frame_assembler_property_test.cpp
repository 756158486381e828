#include <gtest/gtest.h>

#include <map>
#include <random>

#include "recover/frame_assembler.h"
#include "recover/test_video_stream.h"

namespace boardcast {
namespace {

/// Random loss, reordering, duplication; lost packets come again later or are given up.
class FrameAssemblerProperty : public testing::TestWithParam<int> {};

TEST_P(FrameAssemblerProperty, HandsOutWhatWasSentInOrder) {
  std::mt19937 random(GetParam());
  const double loss = (random() % 20) / 100.0;
  const double recovered = (random() % 11) / 10.0;
  std::bernoulli_distribution is_lost(loss), is_recovered(recovered), is_duplicated(0.02);
  TestVideoStream stream(random() % 100'000);
  for (int frame = 0; frame < 400; ++frame) {
    stream.AddFrame(frame % 50 == 0, frame % 50 == 0 ? 8 : 1 + random() % 4);
  }
  std::multimap<std::int64_t, std::pair<std::int64_t, bool>> events;  // Time: packet, arrives.
  for (std::int64_t i = 0; i < stream.count(); ++i) {
    // The first key frame comes through, so that everything after it counts.
    const bool first_frame = i < 9;
    const std::int64_t now = 1000 * i + (first_frame ? 0 : random() % 4000);
    if (first_frame || !is_lost(random)) {
      events.emplace(now, std::pair(i, true));
      if (is_duplicated(random)) events.emplace(now + 3000, std::pair(i, true));
    } else {
      events.emplace(now + 30'000 + random() % 60'000, std::pair(i, is_recovered(random)));
    }
  }

  int last = -1;
  bool chain_intact = false;
  std::vector<bool> seen(stream.frames.size());
  for (const auto& [time, event] : events) {
    const Timestamp now = kTestStart + Duration(time);
    if (event.second) {
      stream.Deliver(event.first, now);
    } else {
      stream.GiveUp(event.first, now);
    }
    for (const AssembledFrame& frame : stream.Pop()) {
      const int index = stream.IndexOf(frame);
      ASSERT_GT(index, last);
      chain_intact =
          frame.chunk->key || (chain_intact && index == last + 1 && frame.chunk->complete);
      EXPECT_EQ(frame.after_loss, !chain_intact) << index;
      if (frame.chunk->complete) {
        EXPECT_EQ(frame.chunk->data, stream.frames[index]) << index;
        EXPECT_EQ(frame.chunk->key, stream.keys[index]) << index;
        seen[index] = true;
      }
      last = index;
    }
  }
  EXPECT_GE(last, 395);
  if (loss * (1 - recovered) == 0) {
    // Nothing given up: only key frames may have cut short the wait for a retransmission.
    EXPECT_GE(std::ranges::count(seen, true), loss == 0 ? 400 : 380);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FrameAssemblerProperty, testing::Range(0, 60));

}  // namespace
}  // namespace boardcast
