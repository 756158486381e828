#include "addon/open_source.h"

#include <string>
#include <utility>

#include "addon/convert.h"
#include "capture/alsa_capture.h"
#include "capture/pattern_source.h"
#include "capture/tone_source.h"
#include "capture/v4l2_camera.h"
#include "capture/wav_reader.h"
#include "capture/y4m_reader.h"
#include "session/clip_source.h"

namespace boardcast {
namespace {

template <typename Base, typename Opened>
Result<std::unique_ptr<Base>> Upcast(Result<std::unique_ptr<Opened>> opened) {
  if (!opened) return std::move(opened).error();
  return std::unique_ptr<Base>(std::move(*opened));
}

VideoFormat FormatOf(const Napi::Object& options) {
  return {.width = static_cast<int>(GetNumber(options, "width")),
          .height = static_cast<int>(GetNumber(options, "height")),
          .frame_rate = GetNumber(options, "frameRate")};
}

}  // namespace

Result<std::unique_ptr<VideoSource>> OpenVideoSource(const Napi::Object& options,
                                                     std::function<void()> on_room) {
  const std::string kind = GetString(options, "kind");
  if (kind == "pattern") {
    const VideoFormat format = FormatOf(options);
    return Upcast<VideoSource>(PatternSource::Open({.width = format.width,
                                                    .height = format.height,
                                                    .frame_rate = format.frame_rate,
                                                    .paced = GetBool(options, "paced")}));
  }
  if (kind == "y4m") {
    return Upcast<VideoSource>(
        Y4mReader::Open(GetString(options, "path"),
                        {.paced = GetBool(options, "paced"), .loop = GetBool(options, "loop")}));
  }
  if (kind == "camera") {
    return Upcast<VideoSource>(
        V4l2Camera::Open(GetString(options, "path"), {.wanted = FormatOf(options)}));
  }
  return Upcast<VideoSource>(
      ClipSource::Create(FormatOf(options), GetBool(options, "paced"), std::move(on_room)));
}

Result<std::unique_ptr<AudioSource>> OpenAudioSource(const Napi::Object& options) {
  const std::string kind = GetString(options, "kind");
  if (kind == "tone") {
    return std::unique_ptr<AudioSource>(std::make_unique<ToneSource>(
        ToneSource::Options{.channels = static_cast<int>(GetNumber(options, "channels")),
                            .paced = GetBool(options, "paced")}));
  }
  if (kind == "wav") {
    return Upcast<AudioSource>(
        WavReader::Open(GetString(options, "path"),
                        {.paced = GetBool(options, "paced"), .loop = GetBool(options, "loop")}));
  }
  return Upcast<AudioSource>(
      AlsaCapture::Open(GetString(options, "device"),
                        {.channels = static_cast<int>(GetNumber(options, "channels"))}));
}

}  // namespace boardcast
