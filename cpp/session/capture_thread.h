#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "base/time.h"
#include "media/buffer_pool.h"
#include "session/source_waiter.h"
#include "session/track_listener.h"

namespace boardcast {

/// Runs one source and hands each of its buffers to every sink, as shares of one lease: preview,
/// encoder and application get the same memory.
///
/// `Source` is VideoSource or AudioSource, `Buffer` what it yields. The thread starts with the
/// first sink. A sink is called on the capture thread and must only put the lease into a bounded
/// queue; an empty lease tells it that the source has ended.
///
/// With `credits` the consumer sets the pace: the thread reads one buffer for each credit. That is
/// for files read as fast as the application takes them.
/// AddSink, RemoveSink and Stop: from one controlling thread.
template <typename Source, typename Buffer>
class CaptureThread {
 public:
  using Sink = std::function<void(const Lease<Buffer>&)>;

  CaptureThread(std::unique_ptr<Source> source, TrackListener& listener, int credits = 0)
      : source_(std::move(source)), listener_(listener) {
    if (credits > 0) credits_.emplace(credits);
  }
  ~CaptureThread() { Stop(); }

  Source& source() { return *source_; }

  /// Returns a number by which the sink can be removed.
  int AddSink(Sink sink) {
    const std::scoped_lock lock(mutex_);
    sinks_.emplace_back(++last_sink_, std::move(sink));
    if (!thread_.running() && !stopped_) Start();
    return last_sink_;
  }

  /// Afterwards the sink is not called any more.
  void RemoveSink(int number) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(sinks_, [number](const auto& entry) { return entry.first == number; });
  }

  /// Lets the thread read one buffer more. Any thread.
  void AddCredit() {
    if (credits_) credits_->Add();
  }

  /// Stops and joins the thread. Safe to call twice.
  void Stop() {
    stopped_ = true;
    waiter_.Stop();
    thread_.Join();
  }

 private:
  void Start() {
    auto started = Thread::Start("capture", [this] { Run(); });
    if (started) {
      thread_ = std::move(*started);
    } else {
      listener_.OnTrackError(started.error());
    }
  }

  void Run() {
    while (!credits_ || (waiter_.Wait(credits_->fd(), std::nullopt) && credits_->Take())) {
      if (!ReadOne()) return;
    }
  }

  /// Reads until one buffer went to the sinks. False: the end, an error, or stopped.
  bool ReadOne() {
    while (true) {
      const auto wait = source_->Wait(MonotonicNow());
      if (!waiter_.Wait(wait.fd, wait.due)) return false;
      auto read = source_->Read(MonotonicNow());
      if (!read) {
        if (read.error().code == ErrorCode::kEndOfStream) {
          Deliver({});
          listener_.OnTrackEnded();
        } else {
          listener_.OnTrackError(read.error());
        }
        return false;
      }
      if (!*read) continue;
      Deliver(*read);
      return true;
    }
  }

  void Deliver(const Lease<Buffer>& buffer) {
    const std::scoped_lock lock(mutex_);
    for (const auto& [number, sink] : sinks_) sink(buffer);
  }

  const std::unique_ptr<Source> source_;
  TrackListener& listener_;
  SourceWaiter waiter_;
  std::optional<Credits> credits_;
  std::mutex mutex_;  ///< Guards sinks_.
  std::vector<std::pair<int, Sink>> sinks_;
  int last_sink_ = 0;
  bool stopped_ = false;
  Thread thread_;  ///< Last: it uses everything above.
};

}  // namespace boardcast
