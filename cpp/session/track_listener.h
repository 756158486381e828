#pragma once

#include "base/result.h"

namespace boardcast {

/// Is told what happens to a track. Called from the capture thread; must not block.
class TrackListener {
 public:
  virtual ~TrackListener() = default;
  virtual void OnTrackEnded() = 0;
  virtual void OnTrackError(const Error& error) = 0;
};

}  // namespace boardcast
