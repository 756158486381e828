#pragma once

#include <string>
#include <vector>

namespace boardcast {

/// A sound device as the system lists it.
struct AlsaDeviceInfo {
  std::string device;  ///< "hw:1,0": what to open.
  std::string card;    ///< "USB Audio Device".
  std::string name;    ///< Of the device on the card.
  bool capture = false;
  bool playback = false;
};

/// All PCM devices of all sound cards.
std::vector<AlsaDeviceInfo> ListAlsaDevices();

}  // namespace boardcast
