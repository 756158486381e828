#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace boardcast {

template <typename T>
class BufferPool;

/// One share of a pooled buffer. Move-only; Share() makes another one. The last share that goes
/// returns the buffer to its pool, from whichever thread that is.
template <typename T>
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      Reset();
      slot_ = std::exchange(other.slot_, nullptr);
    }
    return *this;
  }
  ~Lease() { Reset(); }

  /// Another share of the same buffer: read-only by convention, since two now hold it.
  Lease Share() const {
    if (slot_) slot_->shares.fetch_add(1, std::memory_order_relaxed);
    return Lease(slot_);
  }
  void Reset();

  explicit operator bool() const { return slot_ != nullptr; }
  T& operator*() const { return slot_->value; }
  T* operator->() const { return &slot_->value; }

 private:
  friend class BufferPool<T>;
  struct Slot {
    T value;
    std::atomic<int> shares{0};
    std::shared_ptr<typename BufferPool<T>::Shelf>
        shelf{};  ///< Set while leased: outlives the pool.
  };
  explicit Lease(Slot* slot) : slot_(slot) {}

  Slot* slot_ = nullptr;
};

/// A fixed number of buffers, made once. Acquire() never allocates and never waits: an empty
/// lease means that all are out, which the caller counts as an overflow. Thread-safe.
template <typename T>
class BufferPool {
 public:
  /// Makes `count` buffers, each by `make()`.
  BufferPool(std::size_t count, const std::function<T()>& make)
      : shelf_(std::make_shared<Shelf>()) {
    shelf_->slots.reserve(count);
    shelf_->free.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      shelf_->slots.emplace_back(new Slot{make()});
      shelf_->free.push_back(shelf_->slots.back().get());
    }
  }
  explicit BufferPool(std::size_t count) : BufferPool(count, [] { return T(); }) {}

  Lease<T> Acquire() {
    const std::scoped_lock lock(shelf_->mutex);
    if (shelf_->free.empty()) {
      ++shelf_->exhausted;
      return {};
    }
    Slot* slot = shelf_->free.back();
    shelf_->free.pop_back();
    slot->shares.store(1, std::memory_order_relaxed);
    slot->shelf = shelf_;
    return Lease<T>(slot);
  }

  std::size_t capacity() const { return shelf_->slots.size(); }
  /// Buffers out at present; 0 after everything that used the pool has stopped.
  std::size_t leased() const {
    const std::scoped_lock lock(shelf_->mutex);
    return shelf_->slots.size() - shelf_->free.size();
  }
  /// How often Acquire() found nothing.
  std::uint64_t exhausted() const {
    const std::scoped_lock lock(shelf_->mutex);
    return shelf_->exhausted;
  }

 private:
  friend class Lease<T>;
  using Slot = typename Lease<T>::Slot;
  struct Shelf {
    std::mutex mutex;
    std::vector<std::unique_ptr<Slot>> slots;
    std::vector<Slot*> free;
    std::uint64_t exhausted = 0;
  };

  std::shared_ptr<Shelf> shelf_;
};

template <typename T>
void Lease<T>::Reset() {
  Slot* slot = std::exchange(slot_, nullptr);
  if (!slot || slot->shares.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // The slot must not keep its own shelf alive while it lies on it.
  const auto shelf = std::move(slot->shelf);
  const std::scoped_lock lock(shelf->mutex);
  shelf->free.push_back(slot);
}

}  // namespace boardcast
