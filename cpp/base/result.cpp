#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace boardcast {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "ERR_INVALID_ARGUMENT";
    case ErrorCode::kNotFound:
      return "ERR_NOT_FOUND";
    case ErrorCode::kPermissionDenied:
      return "ERR_PERMISSION_DENIED";
    case ErrorCode::kBusy:
      return "ERR_BUSY";
    case ErrorCode::kUnsupported:
      return "ERR_UNSUPPORTED";
    case ErrorCode::kMalformed:
      return "ERR_MALFORMED";
    case ErrorCode::kTruncated:
      return "ERR_TRUNCATED";
    case ErrorCode::kEndOfStream:
      return "ERR_END_OF_STREAM";
    case ErrorCode::kAuthenticationFailed:
      return "ERR_AUTHENTICATION_FAILED";
    case ErrorCode::kReplayed:
      return "ERR_REPLAYED";
    case ErrorCode::kAddressInUse:
      return "ERR_ADDRESS_IN_USE";
    case ErrorCode::kDeviceLost:
      return "ERR_DEVICE_LOST";
    case ErrorCode::kDiskFull:
      return "ERR_DISK_FULL";
    case ErrorCode::kOverflow:
      return "ERR_OVERFLOW";
    case ErrorCode::kTimeout:
      return "ERR_TIMEOUT";
    case ErrorCode::kUnreachable:
      return "ERR_UNREACHABLE";
    case ErrorCode::kClosed:
      return "ERR_CLOSED";
    case ErrorCode::kSystem:
      return "ERR_SYSTEM";
  }
  return "ERR_SYSTEM";
}

namespace {

ErrorCode CodeFromErrno(int sys_errno) {
  switch (sys_errno) {
    case ENOENT:
      return ErrorCode::kNotFound;
    case EACCES:
    case EPERM:
      return ErrorCode::kPermissionDenied;
    case EBUSY:
      return ErrorCode::kBusy;
    case EADDRINUSE:
      return ErrorCode::kAddressInUse;
    case ENODEV:
    case ENXIO:
      return ErrorCode::kDeviceLost;
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::kDiskFull;
    case EINVAL:
      return ErrorCode::kInvalidArgument;
    default:
      return ErrorCode::kSystem;
  }
}

}  // namespace

Error SystemError(std::string_view syscall, int sys_errno, std::string path) {
  std::string message(syscall);
  if (!path.empty()) message += " " + path;
  message += ": ";
  message += std::strerror(sys_errno);
  return {CodeFromErrno(sys_errno), std::move(message), sys_errno, syscall, std::move(path)};
}

}  // namespace boardcast
