#pragma once

#include "base/time.h"

namespace boardcast {

/// When something was captured and when it was played: what lip sync compares.
struct PlayedMedia {
  Timestamp capture_time{};
  Timestamp playout_time{};
};

}  // namespace boardcast
