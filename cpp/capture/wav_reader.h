#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/audio_source.h"
#include "capture/file_reader.h"
#include "capture/resampler.h"
#include "capture/source_pacer.h"
#include "capture/wav_format.h"

namespace boardcast {

/// `file:` of a WAV recording, as if it were a microphone: brought to 48 kHz and one or two
/// channels. A file cut short delivers what is there; the last block is filled up with silence.
///
/// Thread: as AudioSource; Read() waits for the disk.
class WavReader : public AudioSource {
 public:
  struct Options {
    bool paced = true;        ///< False: every block is due at once.
    bool loop = false;        ///< From the beginning again at the end; media time goes on.
    std::size_t buffers = 8;  ///< Blocks in the pool.
  };

  static Result<std::unique_ptr<WavReader>> Open(const std::string& path, const Options& options);
  static Result<std::unique_ptr<WavReader>> Open(FileReader file, const Options& options);

  int channels() const override { return channels_; }
  SourceWait Wait(Timestamp now) override { return {.due = pacer_.NextDue(now)}; }
  Result<AudioBlockLease> Read(Timestamp now) override;
  std::uint64_t skipped() const override { return pacer_.skipped(); }

 private:
  /// Where the samples lie in the file.
  struct Data {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  struct Header {
    WavFormat format;
    Data data;
  };

  static Result<Header> ReadHeader(FileReader& file);
  WavReader(FileReader file, const Header& header, const Options& options);
  Status ReadBlock(AudioBlock& block);
  /// Loads the next samples into input_; at the end silence, for what the resampler still holds.
  Status Refill();
  Result<std::size_t> LoadFrames();
  std::int64_t OutputFrames() const;

  FileReader file_;
  const WavFormat format_;
  const Data data_;
  const Options options_;
  const int channels_;
  SourcePacer pacer_;
  AudioBlockPool pool_;
  Resampler resampler_;
  std::vector<std::uint8_t> bytes_;
  std::vector<float> input_;
  std::size_t input_begin_ = 0;  ///< In floats.
  std::size_t input_end_ = 0;
  std::vector<float> output_;
  std::uint64_t data_read_ = 0;    ///< Bytes of the data chunk, in this round.
  std::int64_t frames_read_ = 0;   ///< At the file's rate.
  std::int64_t frames_given_ = 0;  ///< At 48 kHz.
  std::int64_t blocks_read_ = 0;
  bool at_end_ = false;
  std::optional<Error> failed_;  ///< Once reading has failed it stays so.
};

}  // namespace boardcast
