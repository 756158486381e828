// The parts of the way in together: gaps are asked for, frames assembled and played evenly, over a
// link with loss in both directions. No FEC here: retransmission alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <random>

#include "recover/frame_assembler.h"
#include "recover/nack_tracker.h"
#include "recover/video_jitter_buffer.h"
#include "wire/h264_packetizer.h"

namespace boardcast {
namespace {

const Timestamp kStart(1000s);

struct Case {
  double loss;
  Duration one_way;
  Duration jitter;
  double complete_share;   ///< Frames whole, at least.
  Duration longest_pause;  ///< Between two frames played, at most.
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << "loss " << c.loss << " one way " << c.one_way.count() / 1000 << " ms";
}

class VideoRecovery : public testing::TestWithParam<Case> {
 protected:
  static constexpr int kFrames = 30 * 60;  // A minute.
  static constexpr Duration kInterval = 33'333us;

  struct SentPacket {
    RtpHeader header;
    std::vector<std::uint8_t> payload;
  };

  void SendFrame(int index, Timestamp now) {
    std::vector<std::uint8_t> data;
    const auto nal = [&](std::uint8_t header, std::size_t size) {
      data.insert(data.end(), {0, 0, 0, 1, header, 0x80});
      data.resize(data.size() + size, 0x55);
    };
    const bool key = index % 120 == 0;
    if (key) nal(0x67, 12);
    nal(key ? 0x65 : 0x41, key ? 9000 : 500 + random_() % 3000);
    packetizer_.Begin(data);
    while (!packetizer_.done()) {
      SentPacket packet;
      packet.payload.resize(kMaxRtpPayload);
      packet.payload.resize(packetizer_.Next(packet.payload));
      packet.header = {packetizer_.done(), 96, static_cast<std::uint16_t>(sent_.size()),
                       static_cast<std::uint32_t>(index * 3000), 7};
      sent_.push_back(std::move(packet));
      Transmit(static_cast<std::int64_t>(sent_.size()) - 1, now, false);
    }
  }

  /// The first frame comes through: a receiver cannot know of packets before the first one it sees.
  bool Lost() { return last_played_ && std::bernoulli_distribution(GetParam().loss)(random_); }

  void Transmit(std::int64_t seq, Timestamp now, bool again) {
    if (Lost()) return;
    const Duration jitter(random_() % (GetParam().jitter.count() + 1));
    arrivals_.emplace(now + GetParam().one_way + jitter, std::pair(seq, again));
  }

  void Receive(std::int64_t seq, bool again, Timestamp now) {
    if (again) {
      tracker_.OnRecovered(seq, now, true);
    } else {
      tracker_.OnPacket(seq, now);
    }
    const SentPacket& sent = sent_[static_cast<std::size_t>(seq)];
    PacketLease packet = packets_.Acquire();
    ASSERT_TRUE(packet);
    std::ranges::copy(sent.payload, packet->buffer.begin());
    const RtpView view{sent.header, 0, {packet->buffer.data(), sent.payload.size()}};
    assembler_.Insert(seq, view, std::move(packet), now);
  }

  void Work(Timestamp now) {
    due_.clear();
    tracker_.Poll(now, due_);
    if (!due_.empty() && !Lost()) {
      for (const std::int64_t seq : due_) requests_.emplace(now + GetParam().one_way, seq);
    }
    seqs_.clear();
    tracker_.TakeGivenUp(seqs_);
    for (const std::int64_t seq : seqs_) assembler_.GiveUp(seq, now);
    while (auto frame = assembler_.PopComplete(chunks_)) buffer_.Push(std::move(*frame));
    assembler_.SetPlayoutDelay(buffer_.target_delay());
    seqs_.clear();
    assembler_.TakeAbandoned(seqs_);
    for (const std::int64_t seq : seqs_) tracker_.Forget(seq);
    while (const auto frame = buffer_.PopDue(now)) {
      complete_ += frame->chunk->complete;
      if (last_played_) longest_pause_ = std::max(longest_pause_, now - *last_played_);
      last_played_ = now;
    }
  }

  std::mt19937 random_{11};
  H264Packetizer packetizer_;
  std::vector<SentPacket> sent_;
  std::multimap<Timestamp, std::pair<std::int64_t, bool>> arrivals_;
  std::multimap<Timestamp, std::int64_t> requests_;
  PacketPool packets_{1100};
  ChunkPool chunks_{130};
  NackTracker tracker_;
  FrameAssembler assembler_;
  VideoJitterBuffer buffer_;
  std::vector<std::int64_t> due_;
  std::vector<std::int64_t> seqs_;
  int complete_ = 0;
  std::optional<Timestamp> last_played_;
  Duration longest_pause_{0};
};

TEST_P(VideoRecovery, FramesComeWholeAndEvenly) {
  int frame = 0;
  for (Timestamp now = kStart; now < kStart + 62s; now += 1ms) {
    while (frame < kFrames && kStart + kInterval * frame <= now) SendFrame(frame++, now);
    for (auto it = requests_.begin(); it != requests_.end() && it->first <= now;) {
      Transmit(it->second, now, true);
      it = requests_.erase(it);
    }
    for (auto it = arrivals_.begin(); it != arrivals_.end() && it->first <= now;) {
      Receive(it->second.first, it->second.second, now);
      it = arrivals_.erase(it);
    }
    Work(now);
  }
  EXPECT_GE(complete_, GetParam().complete_share * kFrames);
  EXPECT_LE(longest_pause_, GetParam().longest_pause);
  RecordProperty("complete", complete_);
  RecordProperty("longest_pause_us", static_cast<int>(longest_pause_.count()));
  RecordProperty("target_delay_us", static_cast<int>(buffer_.target_delay().count()));
  if (GetParam().loss > 0) {
    EXPECT_NEAR(tracker_.round_trip().count(), 2 * GetParam().one_way.count(), 15'000);
  } else {
    EXPECT_EQ(tracker_.packets_requested(), 0u);
    EXPECT_LE(buffer_.target_delay(), 5ms);
  }
}

INSTANTIATE_TEST_SUITE_P(Links, VideoRecovery,
                         testing::Values(Case{0, 40ms, 5ms, 1.0, 45ms},
                                         Case{0.01, 40ms, 5ms, 0.998, 300ms},
                                         Case{0.05, 10ms, 2ms, 0.998, 300ms},
                                         Case{0.05, 40ms, 5ms, 0.995, 300ms},
                                         Case{0.10, 120ms, 5ms, 0.97, 700ms}));

}  // namespace
}  // namespace boardcast
