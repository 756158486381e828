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

/// A bounded number of buffers, each made when it is first needed and then used again and again:
/// memory is what the busiest moment needed. Acquire() never waits: an empty lease means that all
/// are out, which the caller counts as an overflow. Thread-safe.
template <typename T>
class BufferPool {
 public:
  /// At most `capacity` buffers, each made by `make()`.
  explicit BufferPool(
      std::size_t capacity, std::function<T()> make = [] { return T(); })
      : capacity_(capacity), make_(std::move(make)), shelf_(std::make_shared<Shelf>()) {
    shelf_->slots.reserve(capacity);
    shelf_->free.reserve(capacity);
  }

  Lease<T> Acquire() {
    const std::scoped_lock lock(shelf_->mutex);
    Slot* slot = TakeSlot();
    if (!slot) {
      ++shelf_->exhausted;
      return {};
    }
    slot->shares.store(1, std::memory_order_relaxed);
    slot->shelf = shelf_;
    return Lease<T>(slot);
  }

  std::size_t capacity() const { return capacity_; }
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

  /// The buffer that was used last: its memory is warm.
  Slot* TakeSlot() {
    if (shelf_->free.empty()) {
      if (shelf_->slots.size() == capacity_) return nullptr;
      return shelf_->slots.emplace_back(new Slot{make_()}).get();
    }
    Slot* slot = shelf_->free.back();
    shelf_->free.pop_back();
    return slot;
  }

  std::size_t capacity_;
  std::function<T()> make_;
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
