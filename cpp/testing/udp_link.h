#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/event_loop.h"
#include "base/result.h"
#include "base/thread.h"
#include "connect/socket_address.h"
#include "connect/udp_socket.h"
#include "testing/network_emulator.h"

namespace boardcast {

/// A bad link between two processes, in real time: a UDP relay on the loopback address with an
/// emulator each way. What arrives at its address goes to the target; what the target answers goes
/// back to whoever sent last. Adds some hundredths of a millisecond of its own.
///
/// Thread: has its own; all public functions may be called from any thread.
class UdpLink {
 public:
  struct Config {
    std::uint16_t listen_port = 0;  ///< On 127.0.0.1; 0 lets the system choose.
    std::uint16_t target_port = 0;  ///< On 127.0.0.1.
    NetworkConditions to_target{};
    NetworkConditions from_target{};
    std::uint64_t seed = 1;
  };
  struct Counters {
    NetworkEmulator::Counters to_target;
    NetworkEmulator::Counters from_target;
  };

  /// Starts the relay; it stops when the object goes.
  static Result<std::unique_ptr<UdpLink>> Start(const Config& config);
  ~UdpLink();

  /// Where to send to.
  const SocketAddress& address() const { return front_.socket.local_address(); }

  /// For packets that arrive from now on. False if the relay is too busy to take the change.
  bool SetConditions(const NetworkConditions& to_target, const NetworkConditions& from_target);

  Counters counters() const;

 private:
  /// A socket, the link that leads to it, and who is behind it.
  struct Side {
    UdpSocket socket;
    NetworkEmulator emulator;
    SocketAddress peer{};
  };

  UdpLink(const Config& config, std::unique_ptr<EventLoop> loop, UdpSocket front, UdpSocket back,
          const SocketAddress& target);
  Status Run();
  void Receive(Side& from, Side& to);
  void Flush();
  void Deliver(Side& side, Timestamp now);

  PacketPool pool_;
  std::unique_ptr<EventLoop> loop_;
  Side front_;  ///< Faces whoever sends first; its peer is the last source.
  Side back_;   ///< Faces the target.
  std::array<PacketLease, UdpSocket::kMaxBatch> inbox_;
  std::array<SocketAddress, UdpSocket::kMaxBatch> sources_;
  mutable std::mutex mutex_;
  Counters counters_;  ///< Guarded by mutex_.
  Thread thread_;      ///< Last: it uses everything above.
};

}  // namespace boardcast
