#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "recover/frame_assembler.h"
#include "wire/h264_packetizer.h"

namespace boardcast {

inline const Timestamp kTestStart(1000s);

/// A stream of frames made up from a seed, cut into packets, on its way into an assembler.
class TestVideoStream {
 public:
  struct SentPacket {
    RtpHeader header;
    std::vector<std::uint8_t> payload;
  };

  explicit TestVideoStream(std::int64_t first_seq = 65'530) : first_seq_(first_seq) {}

  /// Adds a frame of about `packet_count` packets.
  void AddFrame(bool key, std::size_t packet_count = 1) {
    std::vector<std::uint8_t> data;
    if (key) {
      AppendNal(data, 0x67, 12, random_);
      AppendNal(data, 0x68, 6, random_);
    }
    AppendNal(data, key ? 0x65 : 0x41, packet_count * kMaxProtectedPayload - 20, random_);
    H264Packetizer packetizer;
    packetizer.Begin(data);
    while (!packetizer.done()) {
      std::vector<std::uint8_t> payload(kMaxProtectedPayload);
      payload.resize(packetizer.Next(payload));
      RtpHeader header{packetizer.done(), payload_type::kH264,
                       static_cast<std::uint16_t>(first_seq_ + count()),
                       static_cast<std::uint32_t>(3000 * frames.size() - 6000), 7};
      packets.push_back({header, std::move(payload)});
    }
    frames.push_back(std::move(data));
    keys.push_back(key);
  }

  std::int64_t count() const { return static_cast<std::int64_t>(packets.size()); }

  bool Deliver(std::int64_t index, Timestamp now = kTestStart) {
    const SentPacket& sent = packets[static_cast<std::size_t>(index)];
    PacketLease packet = packet_pool.Acquire();
    WriteRtpHeader(sent.header, packet->room());
    std::ranges::copy(sent.payload, packet->buffer.begin() + kRtpHeaderSize);
    packet->size = kRtpHeaderSize + sent.payload.size();
    const RtpView view = ParseRtp(packet->bytes()).value();
    return assembler.Insert(first_seq_ + index, view, std::move(packet), now);
  }
  void GiveUp(std::int64_t index, Timestamp now = kTestStart) {
    assembler.GiveUp(first_seq_ + index, now);
  }

  std::vector<AssembledFrame> Pop() {
    std::vector<AssembledFrame> popped;
    while (auto frame = assembler.PopComplete(chunk_pool)) popped.push_back(std::move(*frame));
    return popped;
  }

  int IndexOf(const AssembledFrame& frame) const {
    return static_cast<int>((frame.chunk->rtp_timestamp + 6000) / 3000);
  }

  /// What can be popped, as "K0 P1 P2? P3!": ? means incomplete, ! after a loss.
  std::string PopText() {
    std::string text;
    for (const AssembledFrame& frame : Pop()) {
      const int index = IndexOf(frame);
      text += (text.empty() ? "" : " ") + std::string(frame.chunk->key ? "K" : "P") +
              std::to_string(index) + (frame.chunk->complete ? "" : "?") +
              (frame.after_loss ? "!" : "");
      if (frame.chunk->complete) {
        EXPECT_EQ(frame.chunk->data, frames[index]);
      }
    }
    return text;
  }

  std::vector<std::int64_t> Abandoned() {
    std::vector<std::int64_t> abandoned;
    assembler.TakeAbandoned(abandoned);
    for (std::int64_t& seq : abandoned) seq -= first_seq_;
    return abandoned;
  }

  PacketPool packet_pool{2100};
  ChunkPool chunk_pool{64};
  FrameAssembler assembler;
  std::vector<SentPacket> packets;
  std::vector<std::vector<std::uint8_t>> frames;
  std::vector<bool> keys;

 private:
  static void AppendNal(std::vector<std::uint8_t>& data, std::uint8_t header, std::size_t size,
                        std::mt19937& random) {
    data.insert(data.end(), {0, 0, 0, 1, header, 0x80});
    for (std::size_t i = 2; i < size; ++i) data.push_back(1 + random() % 255);
  }

  const std::int64_t first_seq_;
  std::mt19937 random_{1};
};

}  // namespace boardcast
