#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_reader.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace boardcast {

/// A file that grows by whole pieces: when one does not fit on the disk, what got there of it is
/// cut off again, so that the file ends with the last whole one.
///
/// Thread: one at a time. Calls wait for the disk.
class OutputFile {
 public:
  /// Makes the file, or empties the one that is there.
  static Result<OutputFile> Create(const std::string& path);

  /// Once it has failed, every further call returns the same error; kDiskFull when that is why.
  Status Append(Bytes piece);

  /// Writes over what is there already.
  Status WriteAt(std::uint64_t offset, Bytes bytes);

  /// Further calls do nothing.
  Status Close();

  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  OutputFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Status WriteAll(std::uint64_t offset, Bytes bytes);

  UniqueFd fd_;
  std::string path_;
  std::uint64_t size_ = 0;
  std::optional<Error> failed_;
};

}  // namespace boardcast
