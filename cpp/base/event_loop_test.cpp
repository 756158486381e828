#include "base/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <thread>
#include <vector>

namespace boardcast {
namespace {

std::unique_ptr<EventLoop> MakeLoop(std::size_t max_tasks = EventLoop::kDefaultTasks) {
  Result<std::unique_ptr<EventLoop>> loop = EventLoop::Create(max_tasks);
  EXPECT_TRUE(loop.ok());
  return std::move(loop).value();
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  void Put() const { EXPECT_EQ(::write(write.get(), "x", 1), 1); }
  UniqueFd read;
  UniqueFd write;
};

TEST(EventLoopTest, RunsPostedTasksInOrderOnItsThread) {
  const auto loop = MakeLoop();
  std::vector<int> order;
  std::thread::id ran_on;
  std::thread poster([&] {
    EXPECT_TRUE(loop->Post([&] { order.push_back(1); }));
    EXPECT_TRUE(loop->Post([&] {
      order.push_back(2);
      ran_on = std::this_thread::get_id();
      loop->Stop();
    }));
  });
  loop->Run();
  poster.join();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(EventLoopTest, RefusesTasksBeyondItsBound) {
  const auto loop = MakeLoop(2);
  EXPECT_TRUE(loop->Post([] {}));
  EXPECT_TRUE(loop->Post([] {}));
  EXPECT_FALSE(loop->Post([] {}));
  EXPECT_EQ(loop->refused_tasks(), 1u);
}

TEST(EventLoopTest, RunsWhatWasPostedBeforeStopAndRefusesAfter) {
  const auto loop = MakeLoop();
  bool ran = false;
  EXPECT_TRUE(loop->Post([&] { ran = true; }));
  loop->Stop();
  EXPECT_FALSE(loop->Post([] {}));
  loop->Run();
  EXPECT_TRUE(ran);
}

TEST(EventLoopTest, TasksThatPostTasksDoNotStarveDescriptors) {
  const auto loop = MakeLoop();
  const Pipe pipe;
  std::function<void()> again = [&] { (void)loop->Post(again); };
  EXPECT_TRUE(loop->Post(again));
  ASSERT_TRUE(loop->AddFd(pipe.read.get(), EPOLLIN, [&](std::uint32_t) { loop->Stop(); }));
  pipe.Put();
  loop->Run();
}

TEST(EventLoopTest, ReportsReadableDescriptors) {
  const auto loop = MakeLoop();
  const Pipe pipe;
  std::uint32_t seen = 0;
  ASSERT_TRUE(loop->AddFd(pipe.read.get(), EPOLLIN, [&](std::uint32_t events) {
    seen = events;
    loop->Stop();
  }));
  pipe.Put();
  loop->Run();
  EXPECT_EQ(seen, static_cast<std::uint32_t>(EPOLLIN));
}

TEST(EventLoopTest, RefusesADescriptorThatCannotBeWatched) {
  const auto loop = MakeLoop();
  const Status status = loop->AddFd(-1, EPOLLIN, [](std::uint32_t) {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().syscall, "epoll_ctl");
}

TEST(EventLoopTest, ARemovedWatchIsSilentEvenWithinTheSameRound) {
  const auto loop = MakeLoop();
  const std::array<Pipe, 2> pipes;
  int calls = 0;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(loop->AddFd(pipes[i].read.get(), EPOLLIN, [&, i](std::uint32_t) {
      ++calls;
      loop->RemoveFd(pipes[i].read.get());  // Its own watch, while it runs.
      loop->RemoveFd(pipes[1 - i].read.get());
      loop->Stop();
    }));
    pipes[i].Put();
  }
  loop->Run();
  EXPECT_EQ(calls, 1);
}

TEST(EventLoopTest, FiresDeadlinesInThePastAndInTheFutureOnceEach) {
  const auto loop = MakeLoop();
  const Timestamp start = MonotonicNow();
  int fired = 0;
  loop->OnDeadline([&] {
    if (++fired == 1) {
      loop->SetDeadline(start + 1ms);
    } else {
      loop->Stop();
    }
  });
  loop->SetDeadline(Timestamp{});
  loop->Run();
  EXPECT_EQ(fired, 2);
  EXPECT_GE(MonotonicNow(), start + 1ms);
}

TEST(EventLoopTest, ADeadlineCanBeSwitchedOff) {
  const auto loop = MakeLoop();
  loop->OnDeadline([] { FAIL() << "the deadline was switched off"; });
  loop->SetDeadline(Timestamp{});
  loop->SetDeadline(std::nullopt);
  EXPECT_TRUE(loop->Post([&] { loop->Stop(); }));
  loop->Run();
}

}  // namespace
}  // namespace boardcast
