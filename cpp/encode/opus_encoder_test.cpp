#include "encode/opus_encoder.h"

#include <gtest/gtest.h>
#include <opus/opus.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

namespace boardcast {
namespace {

struct DestroyDecoder {
  void operator()(::OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
};
using PlainDecoder = std::unique_ptr<::OpusDecoder, DestroyDecoder>;

PlainDecoder MakeDecoder(int channels) {
  int error = OPUS_OK;
  return PlainDecoder(opus_decoder_create(kSampleRate, channels, &error));
}

/// Something like a voice: a pulse train of 120 Hz with two formants, in syllables of 200 ms.
double Voice(int sample) {
  const double t = static_cast<double>(sample) / kSampleRate;
  const double phase = t - std::floor(t * 120) / 120;
  const double pulse =
      std::exp(-phase * 300) * (std::sin(2 * std::numbers::pi * 700 * phase) +
                                0.5 * std::sin(2 * std::numbers::pi * 1900 * phase));
  return 9000 * pulse * std::abs(std::sin(std::numbers::pi * 2.5 * t));
}

double Tone(int sample) {
  return 8000 * std::sin(2 * std::numbers::pi * 440 * sample / kSampleRate);
}

AudioBlock MakeBlock(double (*signal)(int), int index, int channels) {
  AudioBlock block;
  block.channels = channels;
  block.capture_time = FromMicros(7'000'000 + index * 10'000LL);
  block.media_time_us = index * 10'000LL;
  for (int i = 0; i < kBlockSamples; ++i) {
    const double value = signal(index * kBlockSamples + i);
    for (int c = 0; c < channels; ++c) {
      block.samples[i * channels + c] = static_cast<std::int16_t>(value);
    }
  }
  return block;
}

/// Packets of `blocks` blocks of `signal`.
std::vector<std::vector<std::uint8_t>> EncodeAll(OpusEncoder& encoder, double (*signal)(int),
                                                 int blocks, int channels) {
  ChunkPool pool(1);
  std::vector<std::vector<std::uint8_t>> packets;
  for (int i = 0; i < blocks; ++i) {
    auto chunk = encoder.Encode(MakeBlock(signal, i, channels), pool);
    EXPECT_TRUE(chunk);
    if (*chunk) packets.push_back((*chunk)->data);
  }
  return packets;
}

TEST(OpusEncoderTest, EverySecondBlockMakesAPacketWithTheTimesOfTheFirst) {
  auto encoder = OpusEncoder::Create({});
  ASSERT_TRUE(encoder);
  ChunkPool pool(1);
  for (int i = 0; i < 6; i += 2) {
    auto none = (*encoder)->Encode(MakeBlock(Tone, i, 1), pool);
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    auto chunk = (*encoder)->Encode(MakeBlock(Tone, i + 1, 1), pool);
    ASSERT_TRUE(chunk && *chunk);
    EXPECT_EQ((*chunk)->codec, Codec::kOpus);
    EXPECT_TRUE((*chunk)->key);
    EXPECT_EQ((*chunk)->capture_time, FromMicros(7'000'000 + i * 10'000));
    EXPECT_EQ((*chunk)->media_time_us, i * 10'000);
    EXPECT_EQ((*chunk)->rtp_timestamp, static_cast<std::uint32_t>(i * kBlockSamples));
    EXPECT_EQ((*chunk)->duration, 20ms);
  }
}

TEST(OpusEncoderTest, ToneSurvivesInMonoAndStereo) {
  struct Case {
    int channels;
    int block_channels;
    double bitrate;
  };
  for (const Case& test :
       {Case{1, 1, 32'000}, Case{2, 2, 64'000}, Case{2, 1, 64'000}, Case{1, 2, 32'000}}) {
    SCOPED_TRACE(std::to_string(test.block_channels) + " to " + std::to_string(test.channels));
    auto encoder = OpusEncoder::Create({.channels = test.channels});
    ASSERT_TRUE(encoder);
    const auto packets = EncodeAll(**encoder, Tone, 200, test.block_channels);
    ASSERT_EQ(packets.size(), 100u);
    const PlainDecoder decoder = MakeDecoder(test.channels);
    std::vector<std::int16_t> decoded;
    std::size_t bytes = 0;
    for (const auto& packet : packets) {
      std::int16_t out[960 * 2];
      ASSERT_EQ(opus_decode(decoder.get(), packet.data(), packet.size(), out, 960, 0), 960);
      decoded.insert(decoded.end(), out, out + 960 * test.channels);
      bytes += packet.size();
    }
    EXPECT_NEAR(bytes * 8 / 2.0, test.bitrate, 0.15 * test.bitrate);
    constexpr int kLookahead = 312;  // Delay of the encoder, in samples.
    double signal = 0;
    double noise = 0;
    for (int i = 9600; i < 86'400; ++i) {
      for (int c = 0; c < test.channels; ++c) {
        const double sent = Tone(i);
        const double got = decoded[(i + kLookahead) * test.channels + c];
        signal += sent * sent;
        noise += (sent - got) * (sent - got);
      }
    }
    EXPECT_GT(10 * std::log10(signal / noise), 20);
  }
}

TEST(OpusEncoderTest, ReportedLossPutsACopyIntoTheNextPacket) {
  // RFC 6716 section 4.2.3: after the TOC byte, a VAD bit and then the LBRR bit.
  const auto copies = [](OpusEncoder& encoder) {
    int count = 0;
    for (const auto& packet : EncodeAll(encoder, Voice, 200, 1)) {
      const bool silk = !(packet[0] & 0x80);
      if (silk && packet.size() > 1 && packet[1] & 0x40) ++count;
    }
    return count;
  };
  auto encoder = OpusEncoder::Create({});
  ASSERT_TRUE(encoder);
  EXPECT_EQ(copies(**encoder), 0);
  for (const int percent : {1, 5, 20}) {
    (*encoder)->SetPacketLossPercent(percent);
    EXPECT_GT(copies(**encoder), 50) << percent << " %";
  }
  (*encoder)->SetPacketLossPercent(0);
  EXPECT_LT(copies(**encoder), 3);
}

TEST(OpusEncoderTest, NewBitrateTakesEffect) {
  auto encoder = OpusEncoder::Create({.bitrate = 24'000});
  ASSERT_TRUE(encoder);
  const auto bitrate = [&] {
    std::size_t bytes = 0;
    for (const auto& packet : EncodeAll(**encoder, Voice, 200, 1)) bytes += packet.size();
    return bytes * 8 / 2.0;
  };
  EXPECT_NEAR(bitrate(), 24'000, 3'000);
  ASSERT_TRUE((*encoder)->SetBitrate(64'000));
  EXPECT_NEAR(bitrate(), 64'000, 8'000);
}

TEST(OpusEncoderTest, RefusesWhatItCannotDo) {
  EXPECT_FALSE(OpusEncoder::Create({.channels = 0}));
  EXPECT_FALSE(OpusEncoder::Create({.channels = 3}));
  EXPECT_FALSE(OpusEncoder::Create({.bitrate = 1'000}));
  auto encoder = OpusEncoder::Create({});
  ASSERT_TRUE(encoder);
  EXPECT_FALSE((*encoder)->SetBitrate(1'000'000));
  ChunkPool pool(1);
  const ChunkLease taken = pool.Acquire();
  EXPECT_TRUE((*encoder)->Encode(MakeBlock(Tone, 0, 1), pool));
  auto chunk = (*encoder)->Encode(MakeBlock(Tone, 1, 1), pool);
  ASSERT_FALSE(chunk);
  EXPECT_EQ(chunk.error().code, ErrorCode::kOverflow);
}

}  // namespace
}  // namespace boardcast
