#include "session/network_loop.h"

#include <sys/epoll.h>

namespace boardcast {

Result<std::unique_ptr<NetworkLoop>> NetworkLoop::Open(const SocketAddress& local) {
  auto io = DatagramIo::Open(local);
  if (!io) return std::move(io).error();
  auto loop = EventLoop::Create();
  if (!loop) return std::move(loop).error();
  return std::unique_ptr<NetworkLoop>(new NetworkLoop(std::move(*loop), std::move(*io)));
}

Status NetworkLoop::Start(std::function<void()> on_datagrams, std::function<void()> on_deadline) {
  loop_->OnDeadline(std::move(on_deadline));
  const Status watched = loop_->AddFd(
      io_.fd(), EPOLLIN,
      [on_datagrams = std::move(on_datagrams)](std::uint32_t /*events*/) { on_datagrams(); });
  if (!watched) return watched.error();
  auto thread = Thread::Start("network", [this] { loop_->Run(); });
  if (!thread) return std::move(thread).error();
  thread_ = std::move(*thread);
  return Ok{};
}

void NetworkLoop::Stop(std::function<void()> last) {
  if (!thread_.running()) return;
  // A loop that is too busy stops all the same.
  if (last) static_cast<void>(loop_->Post(std::move(last)));
  loop_->Stop();
  thread_.Join();
}

}  // namespace boardcast
