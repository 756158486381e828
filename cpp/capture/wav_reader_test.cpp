#include "capture/wav_reader.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>

#include "testing/temp_folder.h"

namespace boardcast {
namespace {

const Timestamp t0 = FromMicros(5'000'000);

std::string Le(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

std::string Chunk(const std::string& tag, const std::string& body) {
  return tag + Le(body.size(), 4) + body + (body.size() % 2 == 1 ? std::string(1, '\0') : "");
}

std::string Riff(const std::string& chunks) {
  return "RIFF" + Le(4 + chunks.size(), 4) + "WAVE" + chunks;
}

std::string Fmt(int tag, int channels, int rate, int bits) {
  const int block = channels * bits / 8;
  return Chunk("fmt ", Le(tag, 2) + Le(channels, 2) + Le(rate, 4) + Le(rate * block, 4) +
                           Le(block, 2) + Le(bits, 2));
}

std::string ExtensibleFmt(int sub_tag, int channels, int rate, int bits) {
  const int block = channels * bits / 8;
  const std::string guid =
      Le(sub_tag, 2) + std::string("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 14);
  return Chunk("fmt ", Le(0xfffe, 2) + Le(channels, 2) + Le(rate, 4) + Le(rate * block, 4) +
                           Le(block, 2) + Le(bits, 2) + Le(22, 2) + Le(bits, 2) + Le(0x3f, 4) +
                           guid);
}

std::string S16(int frames, int channels, const std::function<int(int, int)>& sample) {
  std::string bytes;
  for (int i = 0; i < frames; ++i) {
    for (int c = 0; c < channels; ++c) bytes += Le(static_cast<std::uint16_t>(sample(i, c)), 2);
  }
  return bytes;
}

struct Sound {
  int channels = 0;
  std::vector<std::int16_t> samples;
  ErrorCode end = ErrorCode::kClosed;
};

Sound ReadAll(const std::string& path) {
  auto reader = WavReader::Open(path, {.paced = false});
  EXPECT_TRUE(reader) << reader.error().message;
  if (!reader) return {};
  Sound sound{.channels = (*reader)->channels(), .samples = {}};
  for (int n = 0;; ++n) {
    auto block = (*reader)->Read(t0);
    if (!block) {
      sound.end = block.error().code;
      return sound;
    }
    EXPECT_EQ((*block)->media_time_us, n * 10'000);
    const auto data = (*block)->data();
    sound.samples.insert(sound.samples.end(), data.begin(), data.end());
  }
}

TEST(WavReader, SixteenBitsAt48kHzPassBitExact) {
  const TempFolder folder;
  const auto sample = [](int i, int c) { return (i * 7919 + c * 104729) % 65536 - 32768; };
  for (const int channels : {1, 2}) {
    const std::string data = S16(1000, channels, sample);
    const Sound sound =
        ReadAll(folder.Write("a.wav", Riff(Fmt(1, channels, 48000, 16) + Chunk("data", data))));
    EXPECT_EQ(sound.channels, channels);
    EXPECT_EQ(sound.end, ErrorCode::kEndOfStream);
    ASSERT_EQ(sound.samples.size(),
              1440u * channels);  // Three blocks; the last is filled with silence.
    for (int i = 0; i < 1440; ++i) {
      for (int c = 0; c < channels; ++c) {
        ASSERT_EQ(sound.samples[i * channels + c], i < 1000 ? sample(i, c) : 0) << i;
      }
    }
  }
}

TEST(WavReader, OtherEncodings) {
  const TempFolder folder;
  const auto value = [](int i) { return (i % 201 - 100) / 100.0; };
  std::string s24;
  std::string s32;
  std::string f32;
  for (int i = 0; i < 960; ++i) {
    s24 += Le(static_cast<std::uint64_t>(std::llround(value(i) * 8388607)), 3);
    s32 += Le(static_cast<std::uint64_t>(std::llround(value(i) * 2147483647.0)), 4);
    f32 += Le(std::bit_cast<std::uint32_t>(static_cast<float>(value(i))), 4);
  }
  const std::string files[] = {Riff(Fmt(1, 1, 48000, 24) + Chunk("data", s24)),
                               Riff(Fmt(1, 1, 48000, 32) + Chunk("data", s32)),
                               Riff(Fmt(3, 1, 48000, 32) + Chunk("data", f32)),
                               Riff(ExtensibleFmt(1, 1, 48000, 24) + Chunk("data", s24)),
                               Riff(ExtensibleFmt(3, 1, 48000, 32) + Chunk("data", f32))};
  for (const std::string& file : files) {
    const Sound sound = ReadAll(folder.Write("a.wav", file));
    ASSERT_EQ(sound.samples.size(), 960u);
    for (int i = 0; i < 960; ++i) ASSERT_NEAR(sound.samples[i], value(i) * 32767.5, 2) << i;
  }
}

TEST(WavReader, FloatsOutOfRangeAndNotANumber) {
  const TempFolder folder;
  std::string data;
  for (const float value : {2.0f, -2.0f, std::nanf(""), HUGE_VALF})
    data += Le(std::bit_cast<std::uint32_t>(value), 4);
  const Sound sound =
      ReadAll(folder.Write("a.wav", Riff(Fmt(3, 1, 48000, 32) + Chunk("data", data))));
  EXPECT_EQ((std::vector(sound.samples.begin(), sound.samples.begin() + 4)),
            (std::vector<std::int16_t>{32767, -32768, 0, 0}));
}

TEST(WavReader, ResamplesInPlaceAndInTune) {
  const TempFolder folder;
  for (const int rate : {8000, 11025, 16000, 22050, 32000, 44100, 96000, 192000, 47999}) {
    SCOPED_TRACE(rate);
    const auto tone = [rate](int i, int) {
      return static_cast<int>(
          std::lround(20000 * std::sin(2 * std::numbers::pi * 1000 * i / rate)));
    };
    const std::string data = S16(rate, 1, tone);  // One second.
    const Sound sound =
        ReadAll(folder.Write("a.wav", Riff(Fmt(1, 1, rate, 16) + Chunk("data", data))));
    ASSERT_EQ(sound.samples.size(), 48'000u);
    double error = 0;
    for (int i = 480; i < 47'520; ++i) {
      const double expected = 20000 * std::sin(2 * std::numbers::pi * 1000 * i / 48000);
      error += std::pow(sound.samples[i] - expected, 2);
    }
    const double noise = std::sqrt(error / 47'040);
    EXPECT_LT(noise, 20000 / std::sqrt(2) * 0.003);  // Better than 50 dB, and not a sample late.
  }
}

TEST(WavReader, MixesManyChannelsDownWithoutClipping) {
  const TempFolder folder;
  for (int channels = 3; channels <= 8; ++channels) {
    SCOPED_TRACE(channels);
    const std::string loud = S16(480, channels, [](int, int) { return 32767; });
    const Sound all = ReadAll(
        folder.Write("a.wav", Riff(ExtensibleFmt(1, channels, 48000, 16) + Chunk("data", loud))));
    EXPECT_EQ(all.channels, 2);
    EXPECT_NEAR(all.samples[0], 32767, 2);
    EXPECT_NEAR(all.samples[1], 32767, 2);
    const std::string left = S16(480, channels, [](int, int c) { return c == 0 ? 20000 : 0; });
    const Sound one =
        ReadAll(folder.Write("a.wav", Riff(Fmt(1, channels, 48000, 16) + Chunk("data", left))));
    EXPECT_GT(one.samples[0], 4000);
    EXPECT_EQ(one.samples[1], 0);
  }
}

TEST(WavReader, SkipsOtherChunksAndReadsWhatIsThereOfACutFile) {
  const TempFolder folder;
  const std::string data = S16(960, 1, [](int i, int) { return i; });
  const std::string front = Chunk("LIST", "INFOx") + Fmt(1, 1, 48000, 16) + Chunk("fact", "1234");
  const std::string whole = Riff(front + Chunk("data", data) + Chunk("LIST", "after"));
  EXPECT_EQ(ReadAll(folder.Write("a.wav", whole)).samples.size(), 960u);
  const std::string cut = Riff(front + "data" + Le(1'000'000, 4) + data.substr(0, 961));
  EXPECT_EQ(ReadAll(folder.Write("b.wav", cut)).samples.size(), 480u);
  for (const std::uint32_t unknown : {0u, 0xffff'ffffu}) {
    const std::string streamed = Riff(front + "data" + Le(unknown, 4) + data);
    EXPECT_EQ(ReadAll(folder.Write("c.wav", streamed)).samples.size(), 960u);
  }
}

TEST(WavReader, LoopsWithoutAGap) {
  const TempFolder folder;
  const std::string data = S16(700, 1, [](int i, int) { return i + 1; });
  auto reader =
      WavReader::Open(folder.Write("a.wav", Riff(Fmt(1, 1, 48000, 16) + Chunk("data", data))),
                      {.paced = false, .loop = true});
  ASSERT_TRUE(reader);
  for (int n = 0; n < 20; ++n) {
    auto block = (*reader)->Read(t0);
    ASSERT_TRUE(block && *block);
    for (int i = 0; i < kBlockSamples; ++i) {
      ASSERT_EQ((*block)->samples[i], (n * kBlockSamples + i) % 700 + 1);
    }
  }
}

TEST(WavReader, ALateReaderHearsTheNewest) {
  const TempFolder folder;
  const std::string data = S16(48'000, 1, [](int i, int) { return i / 480; });
  auto reader =
      WavReader::Open(folder.Write("a.wav", Riff(Fmt(1, 1, 48000, 16) + Chunk("data", data))), {});
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->Wait(t0).due, t0);
  auto block = (*reader)->Read(t0 + 300ms);
  ASSERT_TRUE(block && *block);
  EXPECT_EQ((*block)->samples[0], 30);
  EXPECT_EQ((*reader)->skipped(), 30u);
  EXPECT_EQ((*reader)->Wait(t0 + 300ms).due, t0 + 310ms);
}

TEST(WavReader, ErrorsNameTheFileAndSayWhatIsRight) {
  const TempFolder folder;
  const std::string data = Chunk("data", std::string(96, 'x'));
  const struct {
    const char* name;
    std::string content;
    ErrorCode code;
    const char* says;
  } cases[] = {
      {"empty", "", ErrorCode::kTruncated, "empty"},
      {"text", "hello, this is no sound", ErrorCode::kMalformed, "RIFF"},
      {"short", "RIFF", ErrorCode::kMalformed, "RIFF"},
      {"avi", "RIFF" + Le(100, 4) + "AVI " + data, ErrorCode::kMalformed, "WAVE"},
      {"no data", Riff(Fmt(1, 1, 48000, 16)), ErrorCode::kTruncated, "before its samples"},
      {"no fmt", Riff(data), ErrorCode::kMalformed, "fmt"},
      {"short fmt", Riff(Chunk("fmt ", "123456") + data), ErrorCode::kTruncated, "fmt"},
      {"8 bits", Riff(Fmt(1, 1, 48000, 8) + data), ErrorCode::kUnsupported, "16, 24 or 32"},
      {"mp3", Riff(Fmt(0x55, 1, 48000, 16) + data), ErrorCode::kUnsupported, "PCM"},
      {"no channels", Riff(Fmt(1, 0, 48000, 16) + data), ErrorCode::kUnsupported, "1 to 8"},
      {"many channels", Riff(Fmt(1, 9, 48000, 16) + data), ErrorCode::kUnsupported, "1 to 8"},
      {"slow", Riff(Fmt(1, 1, 4000, 16) + data), ErrorCode::kUnsupported, "8000 to 192000"},
      {"fast", Riff(Fmt(1, 1, 384000, 16) + data), ErrorCode::kUnsupported, "8000 to 192000"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const std::string path = folder.Write(std::string(test.name) + ".wav", test.content);
    auto reader = WavReader::Open(path, {});
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, test.code) << reader.error().message;
    EXPECT_NE(reader.error().message.find(test.says), std::string::npos) << reader.error().message;
    EXPECT_NE(reader.error().message.find(path), std::string::npos) << reader.error().message;
  }
  auto missing = WavReader::Open(folder.Path("none.wav"), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST(WavReader, AHeaderWithoutSamples) {
  const TempFolder folder;
  for (const bool loop : {false, true}) {
    auto reader =
        WavReader::Open(folder.Write("a.wav", Riff(Fmt(1, 2, 44100, 16) + Chunk("data", ""))),
                        {.paced = false, .loop = loop});
    ASSERT_TRUE(reader);
    auto block = (*reader)->Read(t0);
    ASSERT_FALSE(block);
    EXPECT_EQ(block.error().code, ErrorCode::kTruncated);
  }
}

}  // namespace
}  // namespace boardcast
