#include "capture/alsa_devices.h"

#include <alsa/asoundlib.h>

#include <memory>
#include <optional>

namespace boardcast {
namespace {

struct CloseControl {
  void operator()(snd_ctl_t* control) const { snd_ctl_close(control); }
};

/// The name of device `device` of the card for a direction, or nothing if it has no such side.
std::optional<std::string> StreamName(snd_ctl_t* control, int device, snd_pcm_stream_t stream) {
  snd_pcm_info_t* info = nullptr;
  snd_pcm_info_alloca(&info);
  snd_pcm_info_set_device(info, static_cast<unsigned>(device));
  snd_pcm_info_set_subdevice(info, 0);
  snd_pcm_info_set_stream(info, stream);
  if (snd_ctl_pcm_info(control, info) < 0) return std::nullopt;
  return snd_pcm_info_get_name(info);
}

void ListCard(int card, std::vector<AlsaDeviceInfo>& devices) {
  const std::string name = "hw:" + std::to_string(card);
  snd_ctl_t* opened = nullptr;
  if (snd_ctl_open(&opened, name.c_str(), SND_CTL_NONBLOCK) < 0) return;
  const std::unique_ptr<snd_ctl_t, CloseControl> control(opened);
  snd_ctl_card_info_t* card_info = nullptr;
  snd_ctl_card_info_alloca(&card_info);
  if (snd_ctl_card_info(control.get(), card_info) < 0) return;
  int device = -1;
  while (snd_ctl_pcm_next_device(control.get(), &device) >= 0 && device >= 0) {
    const auto capture = StreamName(control.get(), device, SND_PCM_STREAM_CAPTURE);
    const auto playback = StreamName(control.get(), device, SND_PCM_STREAM_PLAYBACK);
    if (!capture && !playback) continue;
    devices.push_back({.device = name + "," + std::to_string(device),
                       .card = snd_ctl_card_info_get_name(card_info),
                       .name = capture ? *capture : *playback,
                       .capture = capture.has_value(),
                       .playback = playback.has_value()});
  }
}

}  // namespace

std::vector<AlsaDeviceInfo> ListAlsaDevices() {
  std::vector<AlsaDeviceInfo> devices;
  int card = -1;
  while (snd_card_next(&card) >= 0 && card >= 0) ListCard(card, devices);
  return devices;
}

}  // namespace boardcast
