#include "capture/wav_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

namespace boardcast {
namespace {

constexpr std::size_t kFramesAtOnce = 480;
constexpr std::size_t kMaxFormatChunk = 40;          // The size of WAVEFORMATEXTENSIBLE.
constexpr std::uint32_t kUnknownSize = 0xffff'ffff;  // Written by programs that stream.

Error InFile(Error error, const std::string& path) {
  error.message = path + ": " + error.message;
  error.path = path;
  return error;
}

bool IsTag(Bytes bytes, std::string_view tag) {
  return std::equal(bytes.begin(), bytes.end(), tag.begin(), tag.end());
}

std::int16_t ToS16(float sample) {
  const float scaled = std::round(sample * 32768.0f);
  return static_cast<std::int16_t>(std::clamp(scaled, -32768.0f, 32767.0f));
}

}  // namespace

Result<std::unique_ptr<WavReader>> WavReader::Open(const std::string& path,
                                                   const Options& options) {
  Result<FileReader> file = FileReader::Open(path);
  if (!file) return std::move(file).error();
  return Open(std::move(*file), options);
}

Result<std::unique_ptr<WavReader>> WavReader::Open(FileReader file, const Options& options) {
  const Result<Header> header = ReadHeader(file);
  if (!header) return InFile(header.error(), file.path());
  return std::unique_ptr<WavReader>(new WavReader(std::move(file), *header, options));
}

Result<WavReader::Header> WavReader::ReadHeader(FileReader& file) {
  std::array<std::uint8_t, 12> riff{};
  const Result<std::size_t> got = file.Read(riff);
  if (!got) return got.error();
  if (*got == 0) return Error{ErrorCode::kTruncated, "the file is empty"};
  const Bytes start(riff.data(), *got);
  if (start.size() < riff.size() || !IsTag(start.first(4), "RIFF") ||
      !IsTag(start.subspan(8), "WAVE")) {
    return Error{ErrorCode::kMalformed,
                 "this is not a WAV file: it does not begin with RIFF, WAVE"};
  }
  std::optional<WavFormat> format;
  while (true) {
    std::array<std::uint8_t, 8> chunk{};
    const Result<std::size_t> read = file.Read(chunk);
    if (!read) return read.error();
    if (*read < chunk.size())
      return Error{ErrorCode::kTruncated, "the file ends before its samples"};
    const std::uint32_t size = LittleEndian(Bytes(chunk).subspan(4));
    const Bytes tag = Bytes(chunk).first(4);
    if (IsTag(tag, "data")) {
      if (!format) return Error{ErrorCode::kMalformed, "the samples come before the fmt chunk"};
      // A writer that was killed leaves 0 here: then everything up to the end of the file counts.
      const bool known = size != 0 && size != kUnknownSize;
      const Data data{file.position(), known ? size : std::numeric_limits<std::uint64_t>::max()};
      return Header{*format, data};
    }
    std::uint64_t rest = std::uint64_t{size} + size % 2;  // Chunks are padded to an even size.
    if (IsTag(tag, "fmt ")) {
      std::array<std::uint8_t, kMaxFormatChunk> body{};
      const std::size_t wanted = std::min<std::size_t>(size, body.size());
      const Result<std::size_t> length = file.Read(MutableBytes(body).first(wanted));
      if (!length) return length.error();
      const Result<WavFormat> parsed = ParseWavFormat(Bytes(body).first(*length));
      if (!parsed) return parsed.error();
      format = *parsed;
      rest -= wanted;
    }
    const Result<std::uint64_t> skipped = file.Skip(rest);
    if (!skipped) return skipped.error();
  }
}

WavReader::WavReader(FileReader file, const Header& header, const Options& options)
    : file_(std::move(file)),
      format_(header.format),
      data_(header.data),
      options_(options),
      channels_(DecodedChannels(header.format)),
      pacer_({.rate = static_cast<double>(kSampleRate) / kBlockSamples, .paced = options.paced}),
      pool_(options.buffers),
      resampler_(format_.sample_rate, channels_),
      bytes_(kFramesAtOnce * format_.bytes_per_frame()),
      input_(kFramesAtOnce * channels_),
      output_(static_cast<std::size_t>(kBlockSamples) * channels_) {}

Result<AudioBlockLease> WavReader::Read(Timestamp now) {
  if (failed_) return *failed_;
  if (pacer_.NextDue(now) > now) return AudioBlockLease{};
  AudioBlockLease block = pool_.Acquire();
  if (!block) {
    pacer_.Defer(now);
    return AudioBlockLease{};
  }
  const std::int64_t index = pacer_.Take(now);
  for (; blocks_read_ <= index; ++blocks_read_) {
    Status status = ReadBlock(*block);
    if (!status) {
      failed_ = std::move(status).error();
      return *failed_;
    }
  }
  block->capture_time = now;
  block->media_time_us = pacer_.MediaTime(index).count();
  block->concealed = false;
  return block;
}

Status WavReader::ReadBlock(AudioBlock& block) {
  block.channels = channels_;
  const auto channels = static_cast<std::size_t>(channels_);
  std::size_t filled = 0;
  while (filled < kBlockSamples) {
    if (at_end_ && frames_given_ >= OutputFrames()) break;
    if (input_begin_ == input_end_) {
      Status status = Refill();
      if (!status) return status;
    }
    auto room = std::span(output_).subspan(filled * channels);
    if (at_end_) {
      const auto left = static_cast<std::size_t>(OutputFrames() - frames_given_);
      room = room.first(std::min(room.size(), left * channels));
    }
    const auto pending = std::span(input_).subspan(input_begin_, input_end_ - input_begin_);
    const Resampler::Progress progress = resampler_.Process(pending, room);
    input_begin_ += progress.consumed * channels;
    filled += progress.produced;
    frames_given_ += static_cast<std::int64_t>(progress.produced);
  }
  if (filled == 0) return Error{ErrorCode::kEndOfStream, "end of " + file_.path()};
  std::fill(output_.begin() + static_cast<std::ptrdiff_t>(filled * channels), output_.end(), 0.0f);
  std::transform(output_.begin(), output_.end(), block.samples.begin(), ToS16);
  return Ok{};
}

Status WavReader::Refill() {
  Result<std::size_t> frames = LoadFrames();
  if (frames && *frames == 0 && options_.loop && frames_read_ > 0) {
    Status status = file_.Seek(data_.offset);
    if (!status) return status;
    data_read_ = 0;
    frames = LoadFrames();
  }
  if (!frames) return frames.error();
  if (*frames == 0) {
    if (frames_read_ == 0) {
      return InFile({ErrorCode::kTruncated, "there is a header but no samples"}, file_.path());
    }
    at_end_ = true;
    std::fill(input_.begin(), input_.end(), 0.0f);
    *frames = kFramesAtOnce;
  } else {
    frames_read_ += static_cast<std::int64_t>(*frames);
  }
  input_begin_ = 0;
  input_end_ = *frames * static_cast<std::size_t>(channels_);
  return Ok{};
}

Result<std::size_t> WavReader::LoadFrames() {
  if (at_end_) return std::size_t{0};
  const std::uint64_t size = std::min<std::uint64_t>(bytes_.size(), data_.size - data_read_);
  const Result<std::size_t> got = file_.Read(MutableBytes(bytes_).first(size));
  if (!got) return got.error();
  data_read_ += *got;
  const std::size_t frames = *got / format_.bytes_per_frame();
  DecodeWavSamples(format_, Bytes(bytes_).first(*got), input_);
  return frames;
}

std::int64_t WavReader::OutputFrames() const {
  return frames_read_ * kSampleRate / format_.sample_rate;
}

}  // namespace boardcast
