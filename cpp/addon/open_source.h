#pragma once

#include <napi.h>

#include <functional>
#include <memory>

#include "base/result.h"
#include "capture/audio_source.h"
#include "capture/video_source.h"

namespace boardcast {

/// Opens what NativeVideoSource of src/native.ts describes. `on_room` is for clips.
Result<std::unique_ptr<VideoSource>> OpenVideoSource(const Napi::Object& options,
                                                     std::function<void()> on_room);

/// Opens what NativeAudioSource of src/native.ts describes.
Result<std::unique_ptr<AudioSource>> OpenAudioSource(const Napi::Object& options);

}  // namespace boardcast
