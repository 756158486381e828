#include "play/wav_writer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace boardcast {
namespace {

constexpr std::size_t kHeaderSize = 44;
constexpr int kBlocksPerPiece = 20;
constexpr int kPiecesPerHeader = 5;
constexpr int kSampleSize = 2;

/// RIFF files are little-endian.
void Put(std::uint8_t*& to, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) *to++ = static_cast<std::uint8_t>(value >> 8 * i);
}

void PutTag(std::uint8_t*& to, std::string_view tag) { to = std::copy(tag.begin(), tag.end(), to); }

std::array<std::uint8_t, kHeaderSize> MakeHeader(int channels, std::uint64_t data_size) {
  // Beyond 4 GiB (6 hours in stereo) the sizes stay at their largest; players then read to the end.
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint32_t>::max();
  const auto data = static_cast<std::uint32_t>(std::min(data_size, kLargest - kHeaderSize));
  const auto block = static_cast<std::uint32_t>(channels * kSampleSize);
  std::array<std::uint8_t, kHeaderSize> header{};
  std::uint8_t* to = header.data();
  PutTag(to, "RIFF");
  Put(to, data + kHeaderSize - 8, 4);
  PutTag(to, "WAVEfmt ");
  Put(to, 16, 4);
  Put(to, 1, 2);  // PCM.
  Put(to, static_cast<std::uint32_t>(channels), 2);
  Put(to, kSampleRate, 4);
  Put(to, kSampleRate * block, 4);
  Put(to, block, 2);
  Put(to, 8 * kSampleSize, 2);
  PutTag(to, "data");
  Put(to, data, 4);
  return header;
}

}  // namespace

Result<std::unique_ptr<WavWriter>> WavWriter::Create(const std::string& path) {
  Result<OutputFile> file = OutputFile::Create(path);
  if (!file) return std::move(file).error();
  return std::unique_ptr<WavWriter>(new WavWriter(std::move(*file)));
}

WavWriter::~WavWriter() { static_cast<void>(Close().ok()); }

Status WavWriter::Write(const AudioBlock& block) {
  if (channels_ == 0) {
    channels_ = block.channels;
    Status status = file_.Append(MakeHeader(channels_, 0));
    if (!status) return status;
    piece_.reserve(kBlocksPerPiece * block.data().size_bytes());
  }
  if (block.channels != channels_) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = file_.path() + ": a WAV file keeps its number of channels, " +
                            std::to_string(channels_) + "; the block has " +
                            std::to_string(block.channels),
                 .path = file_.path()};
  }
  for (const std::int16_t sample : block.data()) {
    const auto bits = static_cast<std::uint16_t>(sample);
    piece_.push_back(static_cast<std::uint8_t>(bits));
    piece_.push_back(static_cast<std::uint8_t>(bits >> 8));
  }
  if (++blocks_in_piece_ < kBlocksPerPiece) return Ok{};
  Status status = Flush();
  if (status && ++pieces_since_header_ == kPiecesPerHeader) status = WriteHeader();
  return status;
}

Status WavWriter::Close() {
  if (closed_) return Ok{};
  closed_ = true;
  Status status = Ok{};
  if (channels_ != 0) {
    status = Flush();
    // Also after a full disk: the header's place is there already.
    const Status header = WriteHeader();
    if (status) status = header;
  }
  const Status closed = file_.Close();
  return status ? closed : status;
}

Status WavWriter::Flush() {
  blocks_in_piece_ = 0;
  if (piece_.empty()) return Ok{};
  Status status = file_.Append(piece_);
  piece_.clear();
  return status;
}

Status WavWriter::WriteHeader() {
  pieces_since_header_ = 0;
  if (file_.size() < kHeaderSize) return Ok{};
  return file_.WriteAt(0, MakeHeader(channels_, file_.size() - kHeaderSize));
}

}  // namespace boardcast
