#include "play/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace boardcast {
namespace {

Error WriteError(int sys_errno, const std::string& path) {
  Error error = SystemError("write", sys_errno, path);
  // A limit on the size of files or the space of a user is a full disk to the one who records.
  if (sys_errno == EFBIG) error.code = ErrorCode::kDiskFull;
  if (error.code == ErrorCode::kDiskFull) {
    error.message = path + ": the disk is full; the file ends with what was written so far";
  }
  return error;
}

}  // namespace

Result<OutputFile> OutputFile::Create(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.valid()) return SystemError("open", errno, path);
  return OutputFile(std::move(fd), path);
}

Status OutputFile::Append(Bytes piece) {
  if (failed_) return *failed_;
  if (!fd_.valid()) return Error{.code = ErrorCode::kClosed, .message = path_ + " is closed"};
  Status status = WriteAll(size_, piece);
  if (!status) {
    failed_ = status.error();
    // If even this fails there is nothing left to do; players skip a cut piece at the end.
    if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) return status;
    return status;
  }
  size_ += piece.size();
  return status;
}

Status OutputFile::WriteAt(std::uint64_t offset, Bytes bytes) {
  if (!fd_.valid()) return Error{.code = ErrorCode::kClosed, .message = path_ + " is closed"};
  return WriteAll(offset, bytes);
}

Status OutputFile::Close() {
  if (!fd_.valid()) return Ok{};
  // Some file systems report a full disk only here.
  if (::close(fd_.Release()) != 0 && errno != EINTR) return WriteError(errno, path_);
  return Ok{};
}

Status OutputFile::WriteAll(std::uint64_t offset, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t done =
        ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return WriteError(errno, path_);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return Ok{};
}

}  // namespace boardcast
