#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/event_loop.h"
#include "base/thread.h"
#include "session/datagram_io.h"

namespace boardcast {

/// The network thread of one link: an event loop with the link's socket.
///
/// Start() and Stop() are for the controlling thread, Post() for any, io() and SetDeadline() for
/// the loop's callbacks.
class NetworkLoop {
 public:
  /// Binds the socket; nothing runs yet.
  static Result<std::unique_ptr<NetworkLoop>> Open(const SocketAddress& local);
  ~NetworkLoop() { Stop(nullptr); }

  /// Starts the thread, which calls `on_datagrams` when some have come and `on_deadline` when the
  /// deadline arrives.
  Status Start(std::function<void()> on_datagrams, std::function<void()> on_deadline);

  /// Runs `last` on the thread, unless it is too busy or null, and joins it: no callback
  /// afterwards. Safe to call twice.
  void Stop(std::function<void()> last);

  [[nodiscard]] bool Post(std::function<void()> task) { return loop_->Post(std::move(task)); }
  void SetDeadline(std::optional<Timestamp> deadline) { loop_->SetDeadline(deadline); }
  DatagramIo& io() { return io_; }
  const DatagramIo& io() const { return io_; }

 private:
  NetworkLoop(std::unique_ptr<EventLoop> loop, DatagramIo io)
      : loop_(std::move(loop)), io_(std::move(io)) {}

  const std::unique_ptr<EventLoop> loop_;
  DatagramIo io_;
  Thread thread_;  ///< Last: it uses everything above.
};

}  // namespace boardcast
