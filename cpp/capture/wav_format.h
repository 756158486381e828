#pragma once

#include <cstddef>
#include <span>

#include "base/byte_reader.h"
#include "base/result.h"

namespace boardcast {

enum class WavEncoding { kS16, kS24, kS32, kFloat32 };

/// How the samples of a WAV file are stored.
struct WavFormat {
  WavEncoding encoding = WavEncoding::kS16;
  int channels = 1;          ///< 1 to 8, in the order of WAVEFORMATEXTENSIBLE.
  int sample_rate = 48'000;  ///< 8 to 192 kHz.

  int bytes_per_sample() const;
  int bytes_per_frame() const { return channels * bytes_per_sample(); }
};

/// Understands the body of a `fmt ` chunk (WAVEFORMATEX or WAVEFORMATEXTENSIBLE, little-endian).
/// Errors say what is right; the caller adds the file's name.
Result<WavFormat> ParseWavFormat(Bytes chunk);

/// Turns stored samples into floats of full scale 1, interleaved. Mono stays mono, more than two
/// channels are mixed down to two without clipping. `out` has room for every whole frame of `in`.
/// RT safe.
void DecodeWavSamples(const WavFormat& format, Bytes in, std::span<float> out);

/// Channels that DecodeWavSamples() makes of `format`: 1 or 2.
inline int DecodedChannels(const WavFormat& format) { return format.channels == 1 ? 1 : 2; }

/// Little-endian numbers, as RIFF files have them.
std::uint32_t LittleEndian(Bytes bytes);

}  // namespace boardcast
