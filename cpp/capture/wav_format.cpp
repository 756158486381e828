#include "capture/wav_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>

namespace boardcast {
namespace {

constexpr std::uint32_t kPcm = 1;
constexpr std::uint32_t kIeeeFloat = 3;
constexpr std::uint32_t kExtensible = 0xfffe;
constexpr int kMaxChannels = 8;

/// Bytes 2 to 15 of the GUIDs that stand for a plain format tag in WAVEFORMATEXTENSIBLE.
constexpr std::array<std::uint8_t, 14> kGuidTail = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                                    0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};

/// What a channel adds to the left and to the right output.
struct Mix {
  float left = 0;
  float right = 0;
};

constexpr float kMinus3dB = 0.7071f;
constexpr Mix kLeft = {1, 0};
constexpr Mix kRight = {0, 1};
constexpr Mix kCenter = {kMinus3dB, kMinus3dB};
constexpr Mix kBass = {0, 0};
constexpr Mix kSurroundLeft = {kMinus3dB, 0};
constexpr Mix kSurroundRight = {0, kMinus3dB};
using Matrix = std::array<Mix, kMaxChannels>;

/// The usual speaker order for each number of channels from 2 to 8.
constexpr std::array<Matrix, 7> kMatrices = {{
    {kLeft, kRight},
    {kLeft, kRight, kCenter},
    {kLeft, kRight, kSurroundLeft, kSurroundRight},
    {kLeft, kRight, kCenter, kSurroundLeft, kSurroundRight},
    {kLeft, kRight, kCenter, kBass, kSurroundLeft, kSurroundRight},
    {kLeft, kRight, kCenter, kBass, kCenter, kSurroundLeft, kSurroundRight},
    {kLeft, kRight, kCenter, kBass, kSurroundLeft, kSurroundRight, kSurroundLeft, kSurroundRight},
}};

float ReadSample(WavEncoding encoding, Bytes bytes) {
  const std::uint32_t value = LittleEndian(bytes);
  switch (encoding) {
    case WavEncoding::kS16:
      return static_cast<float>(static_cast<std::int16_t>(value)) / 32768.0f;
    case WavEncoding::kS24:
      return static_cast<float>(static_cast<std::int32_t>(value << 8)) / 2147483648.0f;
    case WavEncoding::kS32:
      return static_cast<float>(static_cast<std::int32_t>(value)) / 2147483648.0f;
    case WavEncoding::kFloat32: {
      const float sample = std::bit_cast<float>(value);
      return std::isfinite(sample) ? std::clamp(sample, -1.0f, 1.0f) : 0.0f;
    }
  }
  return 0;
}

Result<WavEncoding> EncodingOf(std::uint32_t tag, std::uint32_t bits) {
  if (tag == kPcm && bits == 16) return WavEncoding::kS16;
  if (tag == kPcm && bits == 24) return WavEncoding::kS24;
  if (tag == kPcm && bits == 32) return WavEncoding::kS32;
  if (tag == kIeeeFloat && bits == 32) return WavEncoding::kFloat32;
  return Error{ErrorCode::kUnsupported,
               "WAV format " + std::to_string(tag) + " with " + std::to_string(bits) +
                   " bits; PCM of 16, 24 or 32 bits and float of 32 bits are supported"};
}

}  // namespace

std::uint32_t LittleEndian(Bytes bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

int WavFormat::bytes_per_sample() const {
  switch (encoding) {
    case WavEncoding::kS16:
      return 2;
    case WavEncoding::kS24:
      return 3;
    default:
      return 4;
  }
}

Result<WavFormat> ParseWavFormat(Bytes chunk) {
  ByteReader reader(chunk);
  std::uint32_t tag = LittleEndian(reader.Take(2));
  const std::uint32_t channels = LittleEndian(reader.Take(2));
  const std::uint32_t rate = LittleEndian(reader.Take(4));
  reader.Skip(4);  // Bytes a second: follows from the rest.
  const std::uint32_t block = LittleEndian(reader.Take(2));
  const std::uint32_t bits = LittleEndian(reader.Take(2));
  if (tag == kExtensible) {
    reader.Skip(8);  // Size, valid bits and speaker mask: not needed.
    tag = LittleEndian(reader.Take(2));
    const Bytes tail = reader.Take(kGuidTail.size());
    if (reader.ok() && !std::equal(tail.begin(), tail.end(), kGuidTail.begin())) tag = kExtensible;
  }
  if (!reader.ok()) return Error{ErrorCode::kTruncated, "the fmt chunk is too short"};

  const Result<WavEncoding> encoding = EncodingOf(tag, bits);
  if (!encoding) return encoding.error();
  if (channels < 1 || channels > kMaxChannels) {
    return Error{ErrorCode::kUnsupported,
                 std::to_string(channels) + " channels; 1 to 8 are supported"};
  }
  if (rate < 8'000 || rate > 192'000) {
    return Error{ErrorCode::kUnsupported, "a sample rate of " + std::to_string(rate) +
                                              " Hz; 8000 to 192000 Hz are supported"};
  }
  const WavFormat format{*encoding, static_cast<int>(channels), static_cast<int>(rate)};
  if (block != static_cast<std::uint32_t>(format.bytes_per_frame())) {
    return Error{ErrorCode::kMalformed, "the fmt chunk contradicts itself: a block of " +
                                            std::to_string(block) + " bytes"};
  }
  return format;
}

void DecodeWavSamples(const WavFormat& format, Bytes in, std::span<float> out) {
  const auto step = static_cast<std::size_t>(format.bytes_per_sample());
  const std::size_t frames = in.size() / format.bytes_per_frame();
  if (format.channels <= 2) {
    for (std::size_t i = 0; i < frames * format.channels; ++i) {
      out[i] = ReadSample(format.encoding, in.subspan(i * step, step));
    }
    return;
  }
  const Matrix& matrix = kMatrices[format.channels - 2];
  float loudest = 0;
  for (int c = 0; c < format.channels; ++c) loudest += matrix[c].left;  // Right is its mirror.
  for (std::size_t i = 0; i < frames; ++i) {
    Mix sum;
    for (int c = 0; c < format.channels; ++c) {
      const std::size_t place = (i * format.channels + c) * step;
      const float sample = ReadSample(format.encoding, in.subspan(place, step));
      sum.left += matrix[c].left * sample;
      sum.right += matrix[c].right * sample;
    }
    out[2 * i] = sum.left / loudest;
    out[2 * i + 1] = sum.right / loudest;
  }
}

}  // namespace boardcast
