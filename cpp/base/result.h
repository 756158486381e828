#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace boardcast {

/// Stable codes; the same words reach JavaScript as `MediaError.code` (see ErrorCodeName).
enum class ErrorCode {
  kInvalidArgument,
  kNotFound,
  kPermissionDenied,
  kBusy,
  kUnsupported,
  kMalformed,
  kTruncated,
  kEndOfStream,
  kAuthenticationFailed,
  kReplayed,
  kAddressInUse,
  kDeviceLost,
  kDiskFull,
  kOverflow,
  kTimeout,
  kUnreachable,
  kClosed,
  kSystem,
};

/// "ERR_..." name of a code, as JavaScript sees it.
std::string_view ErrorCodeName(ErrorCode code);

/// What went wrong, in words for a person: names the thing, the value and what would be right.
struct Error {
  ErrorCode code = ErrorCode::kSystem;
  std::string message = {};
  int sys_errno = 0;              ///< 0 when no system call failed.
  std::string_view syscall = {};  ///< Name of the failed call, a literal.
  std::string path = {};          ///< File or device concerned, if any.
};

/// Makes an Error from errno with the code that fits it.
Error SystemError(std::string_view syscall, int sys_errno, std::string path = {});

/// Either a value or an Error. No exception crosses a boundary in cpp/.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }

  T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    assert(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};

/// Result of something that yields no value: `return Ok{};` or `return Error{...};`.
using Status = Result<Ok>;

}  // namespace boardcast
