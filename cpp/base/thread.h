#pragma once

#include <functional>
#include <string_view>
#include <thread>

#include "base/result.h"

namespace boardcast {

/// A named thread that is joined when it is destroyed. Whoever owns it sees to it that its body
/// ends before that (stops the loop, closes the queue). Move-only.
class Thread {
 public:
  Thread() = default;
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread() { Join(); }

  /// Runs `body` on a new thread. `name` is what ps and gdb show; the kernel keeps 15 characters.
  static Result<Thread> Start(std::string_view name, std::function<void()> body);

  /// Waits for the body to end. Does nothing if there is no thread.
  void Join();

  bool running() const { return thread_.joinable(); }

 private:
  std::thread thread_;
};

/// Moves the calling thread to SCHED_RR at `priority` (1 to 99). A nice value would not keep an
/// encoder of a background process going. The error says why the system refused and what helps.
Status RequestRealtime(int priority);

}  // namespace boardcast
