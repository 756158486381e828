#include "decode/opus_decoder.h"

#include <gtest/gtest.h>
#include <opus/opus.h>

#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "testing/random.h"

namespace boardcast {
namespace {

constexpr int kPacketSamples = 2 * kBlockSamples;
constexpr int kLookahead = 312;  // Delay of the encoder, in samples.

struct DestroyEncoder {
  void operator()(::OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
};

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

using Packets = std::vector<std::vector<std::uint8_t>>;

/// `count` packets of `samples` each, straight from libopus.
Packets EncodeAll(double (*signal)(int), int count, int channels, bool fec,
                  int samples = kPacketSamples) {
  int error = OPUS_OK;
  const std::unique_ptr<::OpusEncoder, DestroyEncoder> encoder(
      opus_encoder_create(kSampleRate, channels, OPUS_APPLICATION_AUDIO, &error));
  opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(32'000 * channels));
  if (fec) {
    opus_encoder_ctl(encoder.get(), OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(encoder.get(), OPUS_SET_PACKET_LOSS_PERC(20));
    opus_encoder_ctl(encoder.get(), OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
  }
  Packets packets;
  std::vector<std::int16_t> pcm(samples * channels);
  for (int i = 0; i < count; ++i) {
    for (int s = 0; s < samples * channels; ++s) {
      pcm[s] = static_cast<std::int16_t>(signal(i * samples + s / channels));
    }
    std::vector<std::uint8_t> packet(1275);
    packet.resize(opus_encode(encoder.get(), pcm.data(), samples, packet.data(), 1275));
    packets.push_back(std::move(packet));
  }
  return packets;
}

std::unique_ptr<OpusDecoder> MakeDecoder(int channels) {
  auto decoder = OpusDecoder::Create(channels);
  EXPECT_TRUE(decoder);
  return std::move(decoder).value();
}

void Append(std::span<const AudioBlock> blocks, std::vector<double>& samples) {
  for (const AudioBlock& block : blocks) {
    for (const std::int16_t sample : block.data()) samples.push_back(sample);
  }
}

double Power(std::span<const double> samples) {
  double sum = 0;
  for (const double sample : samples) sum += sample * sample;
  return sum / static_cast<double>(samples.size());
}

TEST(OpusDecoderTest, ToneComesBackInTheSetNumberOfChannels) {
  for (const int sent : {1, 2}) {
    for (const int channels : {1, 2}) {
      const auto decoder = MakeDecoder(channels);
      std::vector<double> decoded;
      for (const auto& packet : EncodeAll(Tone, 50, sent, false)) {
        std::array<AudioBlock, 2> blocks;
        auto count = decoder->Decode(packet, blocks);
        ASSERT_TRUE(count);
        ASSERT_EQ(*count, 2);
        EXPECT_EQ(blocks[1].channels, channels);
        EXPECT_FALSE(blocks[1].concealed);
        Append(blocks, decoded);
      }
      double signal = 0;
      double noise = 0;
      for (int i = 9600; i < 40'000; ++i) {
        for (int c = 0; c < channels; ++c) {
          const double difference = Tone(i) - decoded[(i + kLookahead) * channels + c];
          signal += Tone(i) * Tone(i);
          noise += difference * difference;
        }
      }
      EXPECT_GT(10 * std::log10(signal / noise), 20) << sent << " to " << channels;
    }
  }
}

/// Decodes `packets` with each seventh lost, replaced with `replace(decoder, next packet, blocks)`;
/// yields the mean error power in the replaced parts against the undisturbed decoding.
template <typename Replace>
double ReplacementError(const Packets& packets, const Replace& replace) {
  const auto whole = MakeDecoder(1);
  const auto lossy = MakeDecoder(1);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < packets.size(); ++i) {
    std::array<AudioBlock, 2> expected;
    std::array<AudioBlock, 2> got;
    EXPECT_TRUE(whole->Decode(packets[i], expected));
    if (i % 7 != 6) {
      EXPECT_TRUE(lossy->Decode(packets[i], got));
      continue;
    }
    replace(*lossy, packets[i + 1], got);
    for (int b = 0; b < 2; ++b) {
      for (int s = 0; s < kBlockSamples; ++s) {
        const double difference = expected[b].samples[s] - got[b].samples[s];
        sum += difference * difference;
      }
    }
  }
  return sum;
}

TEST(OpusDecoderTest, FecBringsBackMoreThanConcealment) {
  const Packets packets = EncodeAll(Voice, 200, 1, true);
  int copies = 0;
  const double fec = ReplacementError(packets, [&](OpusDecoder& decoder, Bytes next, auto& out) {
    EXPECT_TRUE(decoder.DecodeFec(next, out));
    EXPECT_EQ(out[0].concealed, !OpusPacketHasFec(next));
    if (OpusPacketHasFec(next)) ++copies;
  });
  const double concealment = ReplacementError(
      packets, [](OpusDecoder& decoder, Bytes, auto& out) { EXPECT_TRUE(decoder.Conceal(out)); });
  const double silence = ReplacementError(packets, [](OpusDecoder& decoder, Bytes, auto& out) {
    std::array<AudioBlock, 2> ignored;
    EXPECT_TRUE(decoder.Conceal(ignored));
    out = {};
  });
  EXPECT_GT(copies, 12);
  EXPECT_LT(fec, concealment / 2);
  EXPECT_LT(fec, silence / 4);
}

TEST(OpusDecoderTest, FecCoversOnlyTheFrameBefore) {
  const Packets packets = EncodeAll(Voice, 20, 1, true);
  const auto decoder = MakeDecoder(1);
  std::array<AudioBlock, 4> blocks;
  ASSERT_TRUE(decoder->Decode(packets[0], blocks));
  ASSERT_TRUE(OpusPacketHasFec(packets[3]));
  ASSERT_TRUE(decoder->DecodeFec(packets[3], blocks));  // Packets 1 and 2 are lost.
  EXPECT_TRUE(blocks[0].concealed && blocks[1].concealed);
  EXPECT_FALSE(blocks[2].concealed || blocks[3].concealed);
  ASSERT_TRUE(decoder->DecodeFec(packets[3], std::span(blocks).first(1)));
  EXPECT_TRUE(blocks[0].concealed);  // No room for the frame that the copy is of.
}

TEST(OpusDecoderTest, WithoutACopyFecConceals) {
  const Packets packets = EncodeAll(Voice, 20, 1, false);
  const auto decoder = MakeDecoder(1);
  std::array<AudioBlock, 2> blocks;
  ASSERT_TRUE(decoder->Decode(packets[0], blocks));
  EXPECT_FALSE(OpusPacketHasFec(packets[2]));
  ASSERT_TRUE(decoder->DecodeFec(packets[2], blocks));
  EXPECT_TRUE(blocks[0].concealed && blocks[1].concealed);
}

TEST(OpusDecoderTest, ConcealmentContinuesTheSoundAndFades) {
  for (const bool fec : {false, true}) {  // CELT and SILK.
    const auto decoder = MakeDecoder(1);
    std::array<AudioBlock, 2> blocks;
    for (const auto& packet : EncodeAll(Tone, 50, 1, fec)) {
      ASSERT_TRUE(decoder->Decode(packet, blocks));
    }
    std::vector<double> before;
    Append(blocks, before);
    std::vector<double> power;
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(decoder->Conceal(blocks));
      EXPECT_TRUE(blocks[0].concealed && blocks[1].concealed);
      std::vector<double> samples;
      Append(blocks, samples);
      power.push_back(Power(samples));
    }
    EXPECT_GT(power.front(), Power(before) / 10);
    EXPECT_LT(power.back(), Power(before) / 100);
  }
}

TEST(OpusDecoderTest, LongerPacketsFillMoreBlocks) {
  for (const int blocks : {1, 4, 6}) {
    const auto decoder = MakeDecoder(2);
    std::array<AudioBlock, 6> out;
    for (const auto& packet : EncodeAll(Tone, 4, 2, false, blocks * kBlockSamples)) {
      auto count = decoder->Decode(packet, out);
      ASSERT_TRUE(count);
      EXPECT_EQ(*count, blocks);
    }
  }
}

TEST(OpusDecoderTest, RefusesWhatDoesNotFit) {
  const auto decoder = MakeDecoder(1);
  std::array<AudioBlock, 2> out;
  const auto code = [&](const std::vector<std::uint8_t>& packet) {
    auto count = decoder->Decode(packet, out);
    EXPECT_FALSE(count);
    return count.error().code;
  };
  EXPECT_EQ(code({}), ErrorCode::kMalformed);
  EXPECT_EQ(code({0x03}), ErrorCode::kMalformed);  // Code 3 without its frame count.
  EXPECT_EQ(code(EncodeAll(Tone, 1, 1, false, 4 * kBlockSamples)[0]), ErrorCode::kUnsupported);
  EXPECT_EQ(code(EncodeAll(Tone, 1, 1, false, kBlockSamples / 2)[0]), ErrorCode::kUnsupported);
  EXPECT_TRUE(decoder->Decode(EncodeAll(Tone, 1, 1, false)[0], out));
  EXPECT_FALSE(OpusDecoder::Create(0));
  EXPECT_FALSE(OpusDecoder::Create(3));
}

TEST(OpusDecoderTest, GarbageIsSurvived) {
  Random random(3);
  const auto decoder = MakeDecoder(2);
  std::array<AudioBlock, OpusDecoder::kMaxBlocks> out;
  int decoded = 0;
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::uint8_t> packet(1 + random.Below(200));
    for (auto& byte : packet) byte = static_cast<std::uint8_t>(random.Next());
    if (decoder->Decode(packet, out)) ++decoded;
    (void)decoder->DecodeFec(packet, std::span(out).first(2));
  }
  EXPECT_GT(decoded, 0);  // Much of what is random is a legal packet.
  decoder->Reset();
  auto count = decoder->Decode(EncodeAll(Tone, 1, 1, false)[0], out);
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, 2);
}

}  // namespace
}  // namespace boardcast
