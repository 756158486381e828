#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace boardcast {

/// Something that goes on working but should be known.
struct Warning {
  ErrorCode code;
  std::string message;
  std::uint64_t count = 0;  ///< How often since the session began.
};

}  // namespace boardcast
