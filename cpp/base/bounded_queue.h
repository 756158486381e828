#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace boardcast {

/// What a full queue does with one more item.
enum class Overflow {
  kDropOldest,  ///< Raw video, events: the newest matters.
  kRefuse,      ///< Coded media, commands: the producer is told and decides.
};

/// Ring of fixed capacity between threads, with a named overflow policy and a count of what it
/// dropped. Push never waits. Thread-safe.
template <typename T>
class BoundedQueue {
 public:
  BoundedQueue(std::size_t capacity, Overflow overflow) : slots_(capacity), overflow_(overflow) {}

  /// False if the item was refused, or the queue is closed.
  bool Push(T item) {
    std::optional<T> evicted;  // Destroyed outside the lock.
    {
      const std::scoped_lock lock(mutex_);
      if (closed_) return false;
      if (count_ == slots_.size()) {
        ++dropped_;
        if (overflow_ == Overflow::kRefuse) return false;
        evicted = TakeFront();
      }
      slots_[(head_ + count_++) % slots_.size()].emplace(std::move(item));
    }
    available_.notify_one();
    return true;
  }

  /// The oldest item, or nothing if there is none now.
  std::optional<T> TryPop() {
    const std::scoped_lock lock(mutex_);
    if (count_ == 0) return std::nullopt;
    return TakeFront();
  }

  /// Waits for an item; nothing once the queue is closed and empty.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    available_.wait(lock, [this] { return count_ > 0 || closed_; });
    if (count_ == 0) return std::nullopt;
    return TakeFront();
  }

  /// Refuses all further items and wakes every waiter.
  void Close() {
    {
      const std::scoped_lock lock(mutex_);
      closed_ = true;
    }
    available_.notify_all();
  }

  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return count_;
  }
  std::size_t capacity() const { return slots_.size(); }
  std::uint64_t dropped() const {
    const std::scoped_lock lock(mutex_);
    return dropped_;
  }

 private:
  std::optional<T> TakeFront() {
    std::optional<T> item = std::move(slots_[head_]);
    slots_[head_].reset();
    head_ = (head_ + 1) % slots_.size();
    --count_;
    return item;
  }

  mutable std::mutex mutex_;
  std::condition_variable available_;
  std::vector<std::optional<T>> slots_;
  const Overflow overflow_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

}  // namespace boardcast
