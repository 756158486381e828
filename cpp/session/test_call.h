#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "session/rtp_receiver.h"
#include "session/rtp_sender.h"
#include "testing/network_emulator.h"
#include "testing/random.h"

namespace boardcast {

inline const Timestamp kCallStart(1000s);

inline SrtpMasterKey TestKey(std::uint8_t seed) {
  SrtpMasterKey key;
  key.key.fill(seed);
  key.salt.fill(static_cast<std::uint8_t>(seed + 1));
  return key;
}

/// What came out of a receiver, in order.
struct TestListener : RtpReceiverListener {
  void OnStreamStart(MediaKind kind, std::uint32_t /*ssrc*/) override {
    events.push_back(kind == MediaKind::kVideo ? "video start" : "audio start");
  }
  void OnStreamStop(MediaKind kind, std::uint32_t /*ssrc*/, StopReason reason) override {
    events.push_back(std::string(kind == MediaKind::kVideo ? "video" : "audio") +
                     (reason == StopReason::kBye ? " bye" : " timeout"));
  }
  void OnVideoAssembled(const ChunkLease& chunk) override {
    recorded.emplace_back(chunk->data.begin(), chunk->data.end());
  }
  void OnVideoDue(AssembledFrame frame) override {
    frames.emplace_back(frame.chunk->data.begin(), frame.chunk->data.end());
    if (frame.chunk->capture_time != Timestamp{}) {
      video_played = {frame.chunk->capture_time, *now};
      latencies.push_back(*now - frame.chunk->capture_time);
      largest_latency = std::max(largest_latency, *now - frame.chunk->capture_time);
    }
    if (last_frame != Timestamp{}) longest_gap = std::max(longest_gap, *now - last_frame);
    last_frame = *now;
    damaged += frame.after_loss || !frame.chunk->complete;
  }
  void OnAudioDue(AudioAction action, std::optional<Timestamp> capture_time) override {
    if (capture_time) audio_played_at = {*capture_time, *now};
    ++(action.kind == AudioAction::Kind::kPlay ? audio_played : audio_other);
  }

  const Timestamp* now = nullptr;
  std::vector<std::string> events;
  std::vector<std::vector<std::uint8_t>> recorded;
  std::vector<std::vector<std::uint8_t>> frames;
  int damaged = 0;
  int audio_played = 0;
  int audio_other = 0;  ///< Concealed, recovered or silent.
  std::optional<PlayedMedia> video_played;
  std::optional<PlayedMedia> audio_played_at;
  Timestamp last_frame{};
  std::vector<Duration> latencies;
  Duration longest_gap{0};
  Duration largest_latency{0};
};

struct TestSenderListener : RtpSenderListener {
  void OnKeyFrameNeeded() override { ++key_frames_needed; }
  void OnLoss(double fraction_lost) override { last_loss = fraction_lost; }
  int key_frames_needed = 0;
  double last_loss = -1;
};

/// A sender and a receiver joined by an emulated network, in made-up time. Video at 30 fps with
/// made-up frames (a key frame first and on request), sound in packets of 20 ms.
class TestCall {
 public:
  TestCall(const NetworkConditions& conditions, std::uint64_t seed,
           const SrtpMasterKey& receiver_key = TestKey(1))
      : random_(seed), forward_(conditions, seed + 1), backward_(conditions, seed + 2) {
    listener.now = &now;
    receiver = RtpReceiver::Create({.key = receiver_key,
                                    .clock = {kCallStart, 1'700'000'000'000'000},
                                    .cname = "receiver",
                                    .random = Numbers()},
                                   listener)
                   .value();
    StartSender();
  }

  void StartSender() {
    sender = RtpSender::Create({.key = TestKey(1),
                                .clock = {kCallStart, 1'700'000'000'000'000},
                                .cname = "sender",
                                .video = true,
                                .audio = true,
                                .bitrate = 600'000,
                                .random = Numbers(),
                                .now = now},
                               sender_listener, trace)
                 .value();
    key_frame_ = true;
  }

  /// Lets `duration` pass; media is sent while `sending`.
  void Run(Duration duration) {
    const Timestamp end = now + duration;
    while (now < end) {
      const Timestamp next_media = sending ? std::min(next_video_, next_audio_) : end;
      now = std::max(now, std::min({end, next_media, NextDeadline(end)}));
      if (sending && now >= next_video_) SendFrame();
      if (sending && now >= next_audio_) SendSound();
      Exchange();
    }
  }

  void Exchange() {
    sender->Poll(now, out_);
    for (PacketLease& packet : out_) {
      last_datagram.assign(packet->bytes().begin(), packet->bytes().end());
      if (!deaf) forward_.Send(std::move(packet), now);
    }
    out_.clear();
    while (PacketLease arrived = forward_.PopDue(now)) Deliver(arrived->bytes());
    receiver->KeepInStep(listener.video_played, listener.audio_played_at, now);
    receiver->Poll(now, out_);
    for (PacketLease& packet : out_) backward_.Send(std::move(packet), now);
    out_.clear();
    while (PacketLease arrived = backward_.PopDue(now)) sender->OnDatagram(*arrived, now);
  }

  /// Hands the receiver a datagram.
  bool Deliver(Bytes datagram) {
    PacketLease packet = receiver->packets().Acquire();
    std::copy(datagram.begin(), datagram.end(), packet->buffer.begin());
    packet->size = datagram.size();
    return receiver->OnDatagram(std::move(packet), now);
  }

  void SayGoodbye() {
    sender->SayGoodbye(now, out_);
    for (PacketLease& packet : out_) forward_.Send(std::move(packet), now);
    out_.clear();
  }

  static double Get(const StatsGroup& stats, std::string_view name) {
    for (const auto& [key, value] : stats) {
      if (key == name) return value;
    }
    ADD_FAILURE() << "no statistic " << name;
    return 0;
  }
  StatsGroup SentVideo() const {
    StatsGroup local, remote;
    sender->FillVideoStats(local, remote);
    return local;
  }

  Timestamp now = kCallStart;
  bool sending = true;
  bool deaf = false;  ///< Nothing of what is sent reaches the link.
  std::vector<std::vector<std::uint8_t>> sent;
  TestListener listener;
  TestSenderListener sender_listener;
  FrameTrace trace;
  std::unique_ptr<RtpReceiver> receiver;
  std::unique_ptr<RtpSender> sender;
  std::vector<std::uint8_t> last_datagram;

 private:
  std::function<std::uint32_t()> Numbers() {
    return [this] { return static_cast<std::uint32_t>(random_.Next()); };
  }

  Timestamp NextDeadline(Timestamp limit) const {
    Timestamp next = limit;
    for (const auto& deadline : {sender->NextDeadline(now), receiver->NextDeadline(),
                                 forward_.NextDeadline(), backward_.NextDeadline()}) {
      if (deadline) next = std::min(next, *deadline);
    }
    return std::max(next, now + 1us);
  }

  void SendFrame() {
    next_video_ += 33'333us;
    const bool key =
        std::exchange(key_frame_, false) || std::exchange(sender_listener.key_frames_needed, 0) > 0;
    if (key) ++key_frames_sent;
    EncodedChunk chunk;
    chunk.key = key;
    chunk.capture_time = now;
    chunk.data = MakeFrame(key);
    sent.push_back(chunk.data);
    sender->SendVideo(chunk, now);
  }

  std::vector<std::uint8_t> MakeFrame(bool key) {
    std::vector<std::uint8_t> data;
    if (key) {
      AppendNal(data, 0x67, 12);
      AppendNal(data, 0x68, 6);
    }
    AppendNal(data, key ? 0x65 : 0x41, key ? 12'000 : 1'800 + random_.Below(1'400));
    return data;
  }

  void AppendNal(std::vector<std::uint8_t>& data, std::uint8_t header, std::size_t size) {
    data.insert(data.end(), {0, 0, 0, 1, header});
    for (std::size_t i = 0; i < size; ++i) {
      data.push_back(static_cast<std::uint8_t>(1 + random_.Below(255)));
    }
  }

  void SendSound() {
    next_audio_ += 20ms;
    EncodedChunk chunk;
    chunk.codec = Codec::kOpus;
    chunk.key = true;
    chunk.capture_time = now;
    chunk.duration = 20ms;
    // TOC of a CELT packet of 20 ms (RFC 6716 section 3.1), then anything.
    chunk.data.assign(80, static_cast<std::uint8_t>(random_.Next()));
    chunk.data[0] = 0xf8;
    sender->SendAudio(chunk, now);
  }

  Random random_;
  NetworkEmulator forward_;
  NetworkEmulator backward_;
  std::vector<PacketLease> out_;
  Timestamp next_video_ = kCallStart;
  Timestamp next_audio_ = kCallStart;
  bool key_frame_ = true;

 public:
  int key_frames_sent = 0;
};

}  // namespace boardcast
