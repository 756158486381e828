#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "base/bounded_queue.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace boardcast {

/// One thread's epoll loop: descriptors, one timer, and work posted by other threads.
///
/// Thread: belongs to the thread that calls Run(); before Run() to the one that made it. Post() and
/// Stop() are for any thread. Runs once: after Stop() it cannot be started again.
class EventLoop {
 public:
  using Task = std::function<void()>;
  /// Receives the epoll events that happened (EPOLLIN, ...).
  using FdCallback = std::function<void(std::uint32_t events)>;

  static constexpr std::size_t kDefaultTasks = 256;

  /// Makes a loop that holds at most `max_tasks` posted tasks at a time.
  static Result<std::unique_ptr<EventLoop>> Create(std::size_t max_tasks = kDefaultTasks);

  /// Handles events until Stop(); what was posted before Stop() is still run.
  void Run();

  /// Ends Run() soon. Any thread.
  void Stop();

  /// Runs `task` on the loop's thread. False if too many tasks wait, or after Stop(). Any thread.
  [[nodiscard]] bool Post(Task task);

  /// Watches `fd`, which stays the caller's, for `events` (EPOLLIN, EPOLLOUT, ...),
  /// level-triggered. At most one watch for a descriptor.
  Status AddFd(int fd, std::uint32_t events, FdCallback callback);

  /// Ends the watch; its callback is not called any more. Call it before closing `fd`.
  void RemoveFd(int fd);

  /// What to do when the deadline arrives. Set once, before the first SetDeadline().
  void OnDeadline(Task callback);

  /// Moves the one timer; nothing switches it off. A deadline in the past is due at once. After it
  /// has fired it is off until the next SetDeadline().
  void SetDeadline(std::optional<Timestamp> deadline);

  /// Tasks refused because too many waited.
  std::uint64_t refused_tasks() const { return tasks_.dropped(); }

 private:
  struct Watch {
    int fd;
    FdCallback callback;
  };

  explicit EventLoop(std::size_t max_tasks) : tasks_(max_tasks, Overflow::kRefuse) {}
  Status Open();
  void Wake();
  void RunTasks();
  void Fire();
  bool OnLoopThread() const;

  UniqueFd epoll_;
  UniqueFd wake_;
  UniqueFd timer_;
  BoundedQueue<Task> tasks_;
  std::map<std::uint64_t, std::shared_ptr<Watch>> watches_;  ///< By the number epoll reports.
  std::uint64_t next_watch_ = 0;
  std::optional<Timestamp> deadline_;
  Task on_deadline_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::thread::id> thread_{};
};

}  // namespace boardcast
