#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/time.h"

namespace boardcast {

/// The way of one frame through the stages on one side; a stage that did not happen is empty.
struct FrameTraceRecord {
  std::uint32_t rtp_timestamp = 0;
  std::optional<Timestamp> capture_time{};
  std::optional<Duration> media_time{};   ///< Position in the source (sending).
  std::optional<Timestamp> coded_time{};  ///< Encoder done; last packet arrived.
  std::optional<Timestamp> done_time{};   ///< First packet left; decoded and handed to the sinks.
  std::uint64_t bytes = 0;
  bool key = false;
  bool damaged = false;
};

/// Keeps the newest records until somebody takes them. Costs nothing until it is enabled.
/// Thread-safe. Overflow: the oldest records go.
class FrameTrace {
 public:
  static constexpr std::size_t kCapacity = 4096;

  void Enable();
  void Add(const FrameTraceRecord& record);
  std::vector<FrameTraceRecord> Take();

 private:
  std::mutex mutex_;
  bool enabled_ = false;
  std::vector<FrameTraceRecord> records_;
  std::size_t next_ = 0;
};

}  // namespace boardcast
