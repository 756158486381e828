#include <napi.h>
#include <sched.h>

#include "addon/convert.h"
#include "addon/link_object.h"
#include "addon/session_object.h"
#include "addon/track_object.h"
#include "base/thread.h"
#include "capture/alsa_devices.h"
#include "capture/v4l2_devices.h"
#include "kernels/image_quality.h"

namespace boardcast {
namespace {

Plane LumaOf(const Napi::Value& picture, int width, int height) {
  return {picture.As<Napi::Uint8Array>().Data(), width, width, height};
}

Napi::Object Device(Napi::Env env, const char* kind, const std::string& path,
                    const std::string& name, const std::string& driver) {
  Napi::Object device = Napi::Object::New(env);
  device.Set("kind", kind);
  device.Set("path", path);
  device.Set("name", name);
  device.Set("driver", driver);
  return device;
}

}  // namespace

/// The module of src/native.ts. All state belongs to the environment (a worker has its own).
class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports)
      : video_track_(Napi::Persistent(VideoTrackObject::Define(env))),
        audio_track_(Napi::Persistent(AudioTrackObject::Define(env))),
        session_(Napi::Persistent(SessionObject::Define(env))),
        link_(Napi::Persistent(LinkObject::Define(env))) {
    DefineAddon(exports, {InstanceValue("version", Napi::String::New(env, BOARDCAST_VERSION)),
                          InstanceMethod<&Addon::OpenVideoTrack>("openVideoTrack"),
                          InstanceMethod<&Addon::OpenAudioTrack>("openAudioTrack"),
                          InstanceMethod<&Addon::CreateSession>("createSession"),
                          InstanceMethod<&Addon::OpenLink>("openLink"),
                          InstanceMethod<&Addon::ListDevices>("listDevices"),
                          InstanceMethod<&Addon::Realtime>("realtime"),
                          InstanceMethod<&Addon::ImageQuality>("imageQuality")});
  }

 private:
  Napi::Value OpenVideoTrack(const Napi::CallbackInfo& info) {
    return video_track_.New({info[0], info[1]});
  }
  Napi::Value OpenAudioTrack(const Napi::CallbackInfo& info) {
    return audio_track_.New({info[0], info[1]});
  }
  Napi::Value CreateSession(const Napi::CallbackInfo& info) { return session_.New({info[0]}); }
  Napi::Value OpenLink(const Napi::CallbackInfo& info) { return link_.New({info[0]}); }

  Napi::Value ListDevices(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    Napi::Array devices = Napi::Array::New(env);
    std::uint32_t count = 0;
    for (const V4l2DeviceInfo& camera : ListV4l2Devices()) {
      devices.Set(count++, Device(env, "camera", camera.path, camera.name, camera.driver));
    }
    for (const AlsaDeviceInfo& sound : ListAlsaDevices()) {
      const std::string name = sound.card + ": " + sound.name;
      if (sound.capture) {
        devices.Set(count++, Device(env, "microphone", sound.device, name, "alsa"));
      }
      if (sound.playback) devices.Set(count++, Device(env, "speaker", sound.device, name, "alsa"));
    }
    return devices;
  }

  Napi::Value Realtime(const Napi::CallbackInfo& info) {
    // Asked on a thread of its own: the answer must not change the JavaScript thread.
    Status allowed = Ok{};
    {
      auto probe = Thread::Start("realtime probe", [&allowed] { allowed = RequestRealtime(1); });
      if (!probe) allowed = probe.error();
    }
    Napi::Object answer = Napi::Object::New(info.Env());
    answer.Set("allowed", allowed.ok());
    answer.Set("reason", allowed ? std::string() : allowed.error().message);
    return answer;
  }

  Napi::Value ImageQuality(const Napi::CallbackInfo& info) {
    const int width = info[2].As<Napi::Number>().Int32Value();
    const int height = info[3].As<Napi::Number>().Int32Value();
    const Plane a = LumaOf(info[0], width, height);
    const Plane b = LumaOf(info[1], width, height);
    const double pixels = static_cast<double>(width) * height;
    Napi::Object quality = Napi::Object::New(info.Env());
    quality.Set("mse", static_cast<double>(SumSquaredError(a, b)) / pixels);
    quality.Set("ssim", Ssim(a, b));
    return quality;
  }

  Napi::FunctionReference video_track_;
  Napi::FunctionReference audio_track_;
  Napi::FunctionReference session_;
  Napi::FunctionReference link_;
};

}  // namespace boardcast

using boardcast::Addon;
NODE_API_ADDON(Addon)
