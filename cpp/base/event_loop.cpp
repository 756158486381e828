#include "base/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

namespace boardcast {
namespace {

constexpr int kMaxEvents = 16;

// Both eventfd and timerfd hand out a counter that the reader resets.
void DrainCounter(int fd) {
  std::uint64_t count = 0;
  while (::read(fd, &count, sizeof(count)) < 0 && errno == EINTR) {
  }
}

timespec ToTimespec(Timestamp time) {
  // All zeros would disarm the timer; 1 ns is in the past all the same.
  const std::int64_t micros = std::max<std::int64_t>(ToMicros(time), 0);
  if (micros == 0) return {.tv_sec = 0, .tv_nsec = 1};
  return {.tv_sec = micros / 1'000'000, .tv_nsec = micros % 1'000'000 * 1'000};
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::Create(std::size_t max_tasks) {
  std::unique_ptr<EventLoop> loop(new EventLoop(max_tasks));
  if (Status opened = loop->Open(); !opened) return opened.error();
  return loop;
}

Status EventLoop::Open() {
  epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.valid()) return SystemError("epoll_create1", errno);
  wake_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_.valid()) return SystemError("eventfd", errno);
  timer_ = UniqueFd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_.valid()) return SystemError("timerfd_create", errno);
  const auto on_wake = [this](std::uint32_t) {
    DrainCounter(wake_.get());
    RunTasks();
  };
  if (Status added = AddFd(wake_.get(), EPOLLIN, on_wake); !added) return added;
  return AddFd(timer_.get(), EPOLLIN, [this](std::uint32_t) { Fire(); });
}

bool EventLoop::OnLoopThread() const {
  const std::thread::id owner = thread_.load();
  return owner == std::thread::id() || owner == std::this_thread::get_id();
}

void EventLoop::Run() {
  assert(OnLoopThread());
  thread_.store(std::this_thread::get_id());
  std::array<epoll_event, kMaxEvents> events;
  while (!stopping_.load()) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), kMaxEvents, -1);
    for (int i = 0; i < count; ++i) {
      // An earlier callback of this round may have removed the watch.
      const auto found = watches_.find(events[i].data.u64);
      if (found == watches_.end()) continue;
      const std::shared_ptr<Watch> watch = found->second;  // A callback may remove its own watch.
      watch->callback(events[i].events);
    }
  }
  RunTasks();
  thread_.store(std::thread::id());
}

void EventLoop::Stop() {
  tasks_.Close();
  stopping_.store(true);
  Wake();
}

bool EventLoop::Post(Task task) {
  if (!tasks_.Push(std::move(task))) return false;
  Wake();
  return true;
}

void EventLoop::Wake() {
  const std::uint64_t one = 1;
  while (::write(wake_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

void EventLoop::RunTasks() {
  // Tasks posted by these tasks wait for the next round, lest they starve the descriptors.
  for (std::size_t left = tasks_.size(); left > 0; --left) {
    if (const std::optional<Task> task = tasks_.TryPop()) (*task)();
  }
}

Status EventLoop::AddFd(int fd, std::uint32_t events, FdCallback callback) {
  assert(OnLoopThread());
  epoll_event event{};
  event.events = events;
  event.data.u64 = next_watch_;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0) {
    return SystemError("epoll_ctl", errno);
  }
  watches_[next_watch_++] = std::make_shared<Watch>(Watch{fd, std::move(callback)});
  return Ok{};
}

void EventLoop::RemoveFd(int fd) {
  assert(OnLoopThread());
  if (std::erase_if(watches_, [fd](const auto& entry) { return entry.second->fd == fd; }) > 0) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
}

void EventLoop::OnDeadline(Task callback) {
  assert(OnLoopThread());
  on_deadline_ = std::move(callback);
}

void EventLoop::SetDeadline(std::optional<Timestamp> deadline) {
  assert(OnLoopThread());
  if (deadline == deadline_) return;  // The usual case after a packet: saves the system call.
  deadline_ = deadline;
  itimerspec when{};
  if (deadline) when.it_value = ToTimespec(*deadline);
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void EventLoop::Fire() {
  DrainCounter(timer_.get());
  // The timer may have been moved between its expiry and this round.
  if (!deadline_ || *deadline_ > MonotonicNow()) return;
  deadline_.reset();
  if (on_deadline_) on_deadline_();
}

}  // namespace boardcast
