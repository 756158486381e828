#include "base/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <string>
#include <utility>

namespace boardcast {
namespace {

TEST(ThreadTest, CarriesItsNameCutToWhatTheKernelKeeps) {
  std::string seen;
  {
    Result<Thread> thread = Thread::Start("network loop of a session", [&] {
      std::array<char, 32> name{};
      pthread_getname_np(pthread_self(), name.data(), name.size());
      seen = name.data();
    });
    ASSERT_TRUE(thread.ok());
  }
  EXPECT_EQ(seen, "network loop of");
}

TEST(ThreadTest, JoinsWhenDestroyedAndWhenReplaced) {
  std::atomic<int> ended = 0;
  const auto start = [&] { return std::move(Thread::Start("t", [&] { ++ended; })).value(); };
  Thread thread = start();
  thread = start();
  EXPECT_GE(ended, 1);
  thread.Join();
  EXPECT_EQ(ended, 2);
  EXPECT_FALSE(thread.running());
  thread.Join();
}

TEST(ThreadTest, RealtimeIsGrantedOrRefusedWithAReason) {
  Thread thread = std::move(Thread::Start("rt", [] {
                    const Status status = RequestRealtime(1);
                    if (status.ok()) {
                      EXPECT_EQ(sched_getscheduler(0), SCHED_RR);
                    } else {
                      EXPECT_EQ(status.error().code, ErrorCode::kPermissionDenied);
                      EXPECT_NE(status.error().message.find("CAP_SYS_NICE"), std::string::npos);
                    }
                  })).value();
}

TEST(ThreadTest, AnImpossiblePriorityIsNamed) {
  const Status status = RequestRealtime(1000);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(status.error().message.find("1000"), std::string::npos);
}

}  // namespace
}  // namespace boardcast
