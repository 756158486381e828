#pragma once

#include <napi.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/bounded_queue.h"

namespace boardcast {

/// Carries items from any thread to one JavaScript function: a bounded queue and at most one
/// wake-up of the JavaScript thread under way. Push() never waits. After Close() the function is
/// not called any more, and the queue no longer keeps the process alive.
template <typename T>
class JsQueue {
 public:
  /// Turns one item into what the function is called with.
  using Convert = std::function<Napi::Value(Napi::Env, T&)>;

  /// With `batch` the function gets an array of what has come since its last call.
  JsQueue(Napi::Function function, const char* name, std::size_t capacity, Overflow overflow,
          Convert convert, bool batch = false)
      : state_(std::make_shared<State>(capacity, overflow, std::move(convert), batch)),
        function_(Napi::ThreadSafeFunction::New(function.Env(), function, name, 0, 1)) {}
  ~JsQueue() { Close(); }

  /// Any thread. False if the item was refused.
  bool Push(T item) {
    const bool taken = state_->queue.Push(std::move(item));
    if (!state_->scheduled.exchange(true)) {
      function_.NonBlockingCall([state = state_](Napi::Env env, Napi::Function function) {
        state->scheduled = false;
        Drain(*state, env, function);
      });
    }
    return taken;
  }

  /// JavaScript thread only. Safe to call twice.
  void Close() {
    if (std::exchange(state_->closed, true)) return;
    state_->queue.Close();
    function_.Release();
  }

 private:
  struct State {
    State(std::size_t capacity, Overflow overflow, Convert convert, bool batch)
        : queue(capacity, overflow), convert(std::move(convert)), batch(batch) {}
    BoundedQueue<T> queue;
    const Convert convert;
    const bool batch;
    std::atomic<bool> scheduled{false};
    bool closed = false;  ///< JavaScript thread only.
  };

  static void Drain(State& state, Napi::Env env, Napi::Function function) {
    if (state.closed) return;
    if (state.batch) {
      CallWithAll(state, env, function);
    } else {
      CallForEach(state, env, function);
    }
    // An exception becomes an 'uncaughtException', as in any callback.
  }

  static void CallWithAll(State& state, Napi::Env env, Napi::Function function) {
    Napi::Array items = Napi::Array::New(env);
    while (auto item = state.queue.TryPop()) {
      items.Set(items.Length(), state.convert(env, *item));
    }
    if (items.Length() > 0) function.Call({items});
  }

  static void CallForEach(State& state, Napi::Env env, Napi::Function function) {
    // No more than one queue full at a time: other work of the JavaScript thread has its turn.
    for (std::size_t left = state.queue.capacity(); left > 0 && !state.closed; --left) {
      auto item = state.queue.TryPop();
      if (!item) return;
      const Napi::HandleScope scope(env);
      function.Call({state.convert(env, *item)});
      if (env.IsExceptionPending()) return;
    }
  }

  const std::shared_ptr<State> state_;
  Napi::ThreadSafeFunction function_;
};

}  // namespace boardcast
