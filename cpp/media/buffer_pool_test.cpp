#include "media/buffer_pool.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace boardcast {
namespace {

TEST(BufferPool, HandsOutNoMoreThanItsCapacityAndCounts) {
  BufferPool<int> pool(2);
  Lease<int> a = pool.Acquire();
  Lease<int> b = pool.Acquire();
  EXPECT_TRUE(a && b);
  EXPECT_EQ(pool.leased(), 2u);
  EXPECT_FALSE(pool.Acquire());
  EXPECT_EQ(pool.exhausted(), 1u);
  a.Reset();
  EXPECT_TRUE(pool.Acquire());
}

TEST(BufferPool, MakesBuffersOnlyWhenTheyAreNeeded) {
  int made = 0;
  BufferPool<int> pool(8, [&made] { return ++made; });
  EXPECT_EQ(made, 0);
  for (int round = 0; round < 5; ++round) {
    const Lease<int> one = pool.Acquire();
    const Lease<int> two = pool.Acquire();
  }
  EXPECT_EQ(made, 2);
}

TEST(BufferPool, TheLastShareReturnsTheBuffer) {
  BufferPool<std::vector<int>> pool(1);
  Lease<std::vector<int>> first = pool.Acquire();
  first->push_back(7);
  Lease<std::vector<int>> second = first.Share();
  first.Reset();
  EXPECT_EQ(pool.leased(), 1u);
  EXPECT_EQ(second->at(0), 7);
  second = {};
  EXPECT_EQ(pool.leased(), 0u);
}

TEST(BufferPool, LeasesMayOutliveThePool) {
  std::optional<BufferPool<int>> pool(std::in_place, 1);
  Lease<int> lease = pool->Acquire();
  *lease = 5;
  pool.reset();
  EXPECT_EQ(*lease, 5);
}

TEST(BufferPool, SharesMayBeReleasedOnAnyThread) {
  BufferPool<int> pool(4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&pool] {
      for (int round = 0; round < 1000; ++round) {
        Lease<int> lease = pool.Acquire();
        const Lease<int> share = lease.Share();
        lease.Reset();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool.leased(), 0u);
  EXPECT_EQ(pool.exhausted(), 0u);
}

}  // namespace
}  // namespace boardcast
