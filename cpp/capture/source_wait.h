#pragma once

#include <optional>

#include "base/time.h"

namespace boardcast {

/// What the capture thread waits for before it calls Read(): either of the two that is given.
struct SourceWait {
  int fd = -1;                     ///< Becomes readable (devices); the source keeps it.
  std::optional<Timestamp> due{};  ///< Paced sources.
};

}  // namespace boardcast
