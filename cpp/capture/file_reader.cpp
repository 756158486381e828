#include "capture/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace boardcast {
namespace {

constexpr std::size_t kBufferSize = 64 * 1024;

}  // namespace

Result<FileReader> FileReader::Open(const std::string& path) {
  // Without O_NONBLOCK a FIFO would hold up the caller until somebody writes.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return SystemError("open", errno, path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return SystemError("fstat", errno, path);
  if (S_ISDIR(status.st_mode)) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = path + " is a folder; expected a file",
                 .path = path};
  }
  if (::fcntl(fd.get(), F_SETFL, 0) != 0) return SystemError("fcntl", errno, path);
  return FileReader(std::move(fd), path);
}

FileReader::FileReader(UniqueFd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)), buffer_(kBufferSize) {}

Result<std::size_t> FileReader::Read(MutableBytes out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (begin_ < end_) {
      const std::size_t size = std::min(out.size() - done, end_ - begin_);
      std::memcpy(out.data() + done, buffer_.data() + begin_, size);
      begin_ += size;
      done += size;
      continue;
    }
    // What is longer than the buffer goes past it, without a second copy.
    const bool direct = out.size() - done >= kBufferSize;
    Result<std::size_t> got = direct ? ReadSome(out.subspan(done)) : Fill();
    if (!got) return std::move(got).error();
    if (*got == 0) break;
    if (direct) done += *got;
  }
  position_ += done;
  return done;
}

Result<std::uint64_t> FileReader::Skip(std::uint64_t size) {
  std::uint64_t done = 0;
  while (done < size) {
    if (begin_ == end_) {
      const Result<std::size_t> got = Fill();
      if (!got) return got.error();
      if (*got == 0) break;
    }
    const std::uint64_t step = std::min<std::uint64_t>(size - done, end_ - begin_);
    begin_ += step;
    done += step;
  }
  position_ += done;
  return done;
}

Result<std::optional<std::string_view>> FileReader::ReadLine(std::size_t max) {
  line_.clear();
  while (true) {
    if (begin_ == end_) {
      const Result<std::size_t> got = Fill();
      if (!got) return got.error();
      if (*got == 0) break;
    }
    const auto c = static_cast<char>(buffer_[begin_++]);
    ++position_;
    if (c == '\n') return std::optional<std::string_view>(line_);
    if (line_.size() == max) {
      return Error{
          .code = ErrorCode::kMalformed,
          .message = path_ + ": a header line is longer than " + std::to_string(max) + " bytes",
          .path = path_};
    }
    line_ += c;
  }
  if (line_.empty()) return std::optional<std::string_view>();
  return Error{.code = ErrorCode::kTruncated,
               .message = path_ + ": the file ends within a header",
               .path = path_};
}

Status FileReader::Seek(std::uint64_t offset) {
  if (::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET) < 0) {
    return SystemError("lseek", errno, path_);
  }
  begin_ = end_ = 0;
  position_ = offset;
  return Ok{};
}

Result<std::size_t> FileReader::Fill() {
  begin_ = end_ = 0;
  Result<std::size_t> got = ReadSome(buffer_);
  if (got) end_ = *got;
  return got;
}

Result<std::size_t> FileReader::ReadSome(MutableBytes out) {
  while (true) {
    const ssize_t got = ::read(fd_.get(), out.data(), out.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return SystemError("read", errno, path_);
  }
}

}  // namespace boardcast
