#include "session/source_waiter.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace boardcast {
namespace {

void AddOne(int event_fd) {
  const std::uint64_t one = 1;
  // Fails only if the counter overflows, which takes 2^64 additions.
  [[maybe_unused]] const ssize_t written = write(event_fd, &one, sizeof one);
}

}  // namespace

SourceWaiter::SourceWaiter() : stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool SourceWaiter::Wait(int fd, std::optional<Timestamp> due) {
  pollfd fds[2] = {{stop_.get(), POLLIN, 0}, {fd, POLLIN, 0}};
  timespec timeout{};
  if (due) {
    const Duration left = std::max(*due - MonotonicNow(), Duration{0});
    timeout.tv_sec = left.count() / 1'000'000;
    timeout.tv_nsec = left.count() % 1'000'000 * 1'000;
  }
  // A signal (EINTR) only makes the caller look at its source again.
  ppoll(fds, fd >= 0 ? 2 : 1, due ? &timeout : nullptr, nullptr);
  return (fds[0].revents & POLLIN) == 0;
}

void SourceWaiter::Stop() { AddOne(stop_.get()); }

Credits::Credits(int initial)
    : fd_(eventfd(static_cast<unsigned>(initial), EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) {}

void Credits::Add() { AddOne(fd_.get()); }

bool Credits::Take() {
  std::uint64_t taken = 0;
  return read(fd_.get(), &taken, sizeof taken) == sizeof taken;
}

}  // namespace boardcast
