#include "base/thread.h"

#include <pthread.h>
#include <sched.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace boardcast {
namespace {

constexpr std::size_t kMaxName = 15;

}  // namespace

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this != &other) {
    Join();
    thread_ = std::move(other.thread_);
  }
  return *this;
}

Result<Thread> Thread::Start(std::string_view name, std::function<void()> body) {
  Thread thread;
  try {  // The only way in which std::thread says that the system has no more threads.
    thread.thread_ =
        std::thread([name = std::string(name.substr(0, kMaxName)), body = std::move(body)] {
          pthread_setname_np(pthread_self(), name.c_str());
          body();
        });
  } catch (const std::system_error& error) {
    return SystemError("pthread_create", error.code().value(), std::string(name));
  }
  return thread;
}

void Thread::Join() {
  if (thread_.joinable()) thread_.join();
}

Status RequestRealtime(int priority) {
  const sched_param param{.sched_priority = priority};
  const int failed = pthread_setschedparam(pthread_self(), SCHED_RR, &param);
  if (failed == 0) return Ok{};
  Error error = SystemError("pthread_setschedparam", failed);
  if (failed == EPERM) {
    error.message =
        "Real-time scheduling at priority " + std::to_string(priority) +
        " is refused: give the process CAP_SYS_NICE or an rtprio limit (LimitRTPRIO= in systemd)";
  } else if (failed == EINVAL) {
    error.message = "Real-time priority " + std::to_string(priority) + " is not in 1 to 99";
  }
  return error;
}

}  // namespace boardcast
