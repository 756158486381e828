#include "addon/track_object.h"

#include <utility>

#include "addon/convert.h"
#include "addon/open_source.h"

namespace boardcast {
namespace {

constexpr std::size_t kQueuedEvents = 8;
constexpr std::size_t kQueuedFrames = 4;
constexpr std::size_t kQueuedBlocks = 8;

/// Only unpaced sources wait for the application: as many buffers ahead as its queue holds.
int CreditsFor(const Napi::Object& options, std::size_t queue) {
  const Napi::Value paced = options.Get("paced");
  const bool waits = paced.IsBoolean() && !paced.As<Napi::Boolean>().Value();
  return waits ? static_cast<int>(queue) : 0;
}

}  // namespace

TrackEvents::TrackEvents(Napi::Function on_event)
    : queue_(on_event, "boardcast track", kQueuedEvents, Overflow::kDropOldest,
             [](Napi::Env env, Event& event) -> Napi::Value {
               Napi::Object object = Napi::Object::New(env);
               object.Set("type", event.type);
               if (event.error) object.Set("error", FailureToJs(env, *event.error));
               return object;
             }) {}

void TrackEvents::OnTrackEnded() { queue_.Push({"ended", std::nullopt}); }
void TrackEvents::OnTrackError(const Error& error) { queue_.Push({"error", error}); }
void TrackEvents::OnDrain() { queue_.Push({"drain", std::nullopt}); }

Napi::Function VideoTrackObject::Define(Napi::Env env) {
  return DefineClass(env, "VideoTrack",
                     {InstanceMethod<&VideoTrackObject::Settings>("settings"),
                      InstanceMethod<&VideoTrackObject::PushChunk>("pushChunk"),
                      InstanceMethod<&VideoTrackObject::EndChunks>("endChunks"),
                      InstanceMethod<&VideoTrackObject::SetFrameCallback>("setFrameCallback"),
                      InstanceMethod<&VideoTrackObject::Close>("close")});
}

VideoTrackObject::VideoTrackObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const auto options = info[0].As<Napi::Object>();
  events_ = std::make_unique<TrackEvents>(info[1].As<Napi::Function>());
  auto source = OpenVideoSource(options, [events = events_.get()] { events->OnDrain(); });
  if (!source) {
    events_->Close();
    Throw(info.Env(), source.error());
    return;
  }
  clip_ = dynamic_cast<ClipSource*>(source->get());
  track_ = std::make_shared<VideoTrack>(std::move(*source), *events_,
                                        CreditsFor(options, kQueuedFrames));
}

Napi::Value VideoTrackObject::Settings(const Napi::CallbackInfo& info) {
  const VideoFormat& format = track_->source().format();
  Napi::Object settings = Napi::Object::New(info.Env());
  settings.Set("width", format.width);
  settings.Set("height", format.height);
  settings.Set("frameRate", format.frame_rate);
  return settings;
}

Napi::Value VideoTrackObject::PushChunk(const Napi::CallbackInfo& info) {
  const auto data = info[0].As<Napi::Uint8Array>();
  const Duration timestamp(info[2].As<Napi::Number>().Int64Value());
  const Duration duration(info[3].As<Napi::Number>().Int64Value());
  const bool taken = clip_->PushChunk({data.Data(), data.ByteLength()},
                                      info[1].As<Napi::Boolean>().Value(), timestamp, duration);
  return Napi::Boolean::New(info.Env(), taken);
}

void VideoTrackObject::EndChunks(const Napi::CallbackInfo& /*info*/) { clip_->EndChunks(); }

void VideoTrackObject::SetFrameCallback(const Napi::CallbackInfo& info) {
  StopFrames();
  if (!info[0].IsFunction()) return;
  frames_ = std::make_unique<JsQueue<VideoFrameLease>>(
      info[0].As<Napi::Function>(), "boardcast frames", kQueuedFrames, Overflow::kDropOldest,
      [track = track_](Napi::Env env, VideoFrameLease& frame) -> Napi::Value {
        track->AddCredit();
        return FrameToJs(env, *frame);
      });
  frame_sink_ = track_->AddSink([queue = frames_.get()](const VideoFrameLease& frame) {
    if (frame) queue->Push(frame.Share());
  });
}

void VideoTrackObject::StopFrames() {
  if (frame_sink_) track_->RemoveSink(std::exchange(frame_sink_, 0));
  frames_.reset();
}

void VideoTrackObject::Close(const Napi::CallbackInfo& /*info*/) { Stop(); }

void VideoTrackObject::Stop() {
  if (!track_) return;
  StopFrames();
  track_->Stop();
  events_->Close();
}

Napi::Function AudioTrackObject::Define(Napi::Env env) {
  return DefineClass(env, "AudioTrack",
                     {InstanceMethod<&AudioTrackObject::Settings>("settings"),
                      InstanceMethod<&AudioTrackObject::SetAudioCallback>("setAudioCallback"),
                      InstanceMethod<&AudioTrackObject::Close>("close")});
}

AudioTrackObject::AudioTrackObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const auto options = info[0].As<Napi::Object>();
  events_ = std::make_unique<TrackEvents>(info[1].As<Napi::Function>());
  auto source = OpenAudioSource(options);
  if (!source) {
    events_->Close();
    Throw(info.Env(), source.error());
    return;
  }
  track_ = std::make_shared<AudioTrack>(std::move(*source), *events_,
                                        CreditsFor(options, kQueuedBlocks));
}

Napi::Value AudioTrackObject::Settings(const Napi::CallbackInfo& info) {
  Napi::Object settings = Napi::Object::New(info.Env());
  settings.Set("channels", track_->source().channels());
  settings.Set("sampleRate", kSampleRate);
  return settings;
}

void AudioTrackObject::SetAudioCallback(const Napi::CallbackInfo& info) {
  StopBlocks();
  if (!info[0].IsFunction()) return;
  blocks_ = std::make_unique<JsQueue<AudioBlockLease>>(
      info[0].As<Napi::Function>(), "boardcast audio", kQueuedBlocks, Overflow::kDropOldest,
      [track = track_](Napi::Env env, AudioBlockLease& block) -> Napi::Value {
        track->AddCredit();
        return AudioToJs(env, *block);
      });
  block_sink_ = track_->AddSink([queue = blocks_.get()](const AudioBlockLease& block) {
    if (block) queue->Push(block.Share());
  });
}

void AudioTrackObject::StopBlocks() {
  if (block_sink_) track_->RemoveSink(std::exchange(block_sink_, 0));
  blocks_.reset();
}

void AudioTrackObject::Close(const Napi::CallbackInfo& /*info*/) { Stop(); }

void AudioTrackObject::Stop() {
  if (!track_) return;
  StopBlocks();
  track_->Stop();
  events_->Close();
}

}  // namespace boardcast
