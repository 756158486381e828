#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace boardcast {

/// Lets a capture thread wait for a device, a due time and the order to stop at once.
/// Wait() is for one thread, Stop() for any.
class SourceWaiter {
 public:
  SourceWaiter();

  /// Waits until `fd` (unless it is -1) is readable, `due` has come, or Stop() was called. With
  /// neither fd nor due it waits for Stop(). False: stop.
  bool Wait(int fd, std::optional<Timestamp> due);

  void Stop();

 private:
  UniqueFd stop_;
};

/// A count that a thread can wait for beside other descriptors. Thread-safe.
class Credits {
 public:
  explicit Credits(int initial);

  int fd() const { return fd_.get(); }  ///< Readable while the count is above zero.
  void Add();
  bool Take();  ///< Takes one; false if there is none.

 private:
  UniqueFd fd_;
};

}  // namespace boardcast
