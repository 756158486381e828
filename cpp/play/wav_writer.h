#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "play/audio_sink.h"
#include "play/output_file.h"

namespace boardcast {

/// Writes sound as WAV, 16-bit PCM at 48 kHz. The first block decides the channels. Samples go out
/// every 200 ms and the sizes in the header every second, so that a file whose writer was killed is
/// playable.
///
/// Thread: as AudioSink; Write() waits for the disk.
class WavWriter : public AudioSink {
 public:
  static Result<std::unique_ptr<WavWriter>> Create(const std::string& path);
  ~WavWriter() override;

  Status Write(const AudioBlock& block) override;
  Status Close() override;

 private:
  explicit WavWriter(OutputFile file) : file_(std::move(file)) {}
  Status WriteHeader();
  Status Flush();

  OutputFile file_;
  int channels_ = 0;
  std::vector<std::uint8_t> piece_;  ///< The next write; keeps its memory.
  int blocks_in_piece_ = 0;
  int pieces_since_header_ = 0;
  bool closed_ = false;
};

}  // namespace boardcast
