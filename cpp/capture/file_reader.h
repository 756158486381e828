#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_writer.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace boardcast {

/// Reads a media file from front to back through a buffer; works on pipes too, except for Seek().
///
/// Thread: one at a time. Calls wait for the disk.
class FileReader {
 public:
  /// Never waits. A FIFO that has neither a writer nor data then counts as an empty file.
  static Result<FileReader> Open(const std::string& path);

  /// Takes over `fd`; `path` is for messages.
  FileReader(UniqueFd fd, std::string path);

  /// Fills `out` as far as the file reaches and says how far.
  Result<std::size_t> Read(MutableBytes out);

  /// Leaves out `size` bytes and says how many there were.
  Result<std::uint64_t> Skip(std::uint64_t size);

  /// The next line without its end, valid until the next call; nothing at the end of the file.
  /// kTruncated if the file ends within the line, kMalformed if it is longer than `max`.
  Result<std::optional<std::string_view>> ReadLine(std::size_t max);

  /// Continues at `offset` from the beginning of the file.
  Status Seek(std::uint64_t offset);

  /// Offset of the next byte that will be read.
  std::uint64_t position() const { return position_; }
  const std::string& path() const { return path_; }

 private:
  /// Reads into the empty buffer; 0 at the end of the file.
  Result<std::size_t> Fill();
  Result<std::size_t> ReadSome(MutableBytes out);

  UniqueFd fd_;
  std::string path_;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t position_ = 0;
  std::string line_;
};

}  // namespace boardcast
