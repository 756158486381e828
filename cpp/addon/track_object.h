#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "addon/js_queue.h"
#include "base/result.h"
#include "session/clip_source.h"
#include "session/session.h"
#include "session/track_listener.h"

namespace boardcast {

/// Events of one track on their way to JavaScript. Overflow: the oldest goes; there are only a few.
class TrackEvents final : public TrackListener {
 public:
  explicit TrackEvents(Napi::Function on_event);

  void OnTrackEnded() override;
  void OnTrackError(const Error& error) override;
  void OnDrain();
  void Close() { queue_.Close(); }

 private:
  struct Event {
    const char* type;
    std::optional<Error> error;
  };
  JsQueue<Event> queue_;
};

/// NativeVideoTrack of src/native.ts. Thread: JavaScript.
class VideoTrackObject : public Napi::ObjectWrap<VideoTrackObject> {
 public:
  static Napi::Function Define(Napi::Env env);

  /// `info`: source options, event callback.
  explicit VideoTrackObject(const Napi::CallbackInfo& info);
  ~VideoTrackObject() override { Stop(); }

  const std::shared_ptr<VideoTrack>& track() const { return track_; }

 private:
  Napi::Value Settings(const Napi::CallbackInfo& info);
  Napi::Value PushChunk(const Napi::CallbackInfo& info);
  void EndChunks(const Napi::CallbackInfo& info);
  void SetFrameCallback(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);
  void Stop();
  void StopFrames();

  std::unique_ptr<TrackEvents> events_;
  std::shared_ptr<VideoTrack> track_;
  ClipSource* clip_ = nullptr;  ///< Within track_; null for other kinds.
  std::unique_ptr<JsQueue<VideoFrameLease>> frames_;
  int frame_sink_ = 0;
};

/// NativeAudioTrack of src/native.ts. Thread: JavaScript.
class AudioTrackObject : public Napi::ObjectWrap<AudioTrackObject> {
 public:
  static Napi::Function Define(Napi::Env env);

  /// `info`: source options, event callback.
  explicit AudioTrackObject(const Napi::CallbackInfo& info);
  ~AudioTrackObject() override { Stop(); }

  const std::shared_ptr<AudioTrack>& track() const { return track_; }

 private:
  Napi::Value Settings(const Napi::CallbackInfo& info);
  void SetAudioCallback(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);
  void Stop();
  void StopBlocks();

  std::unique_ptr<TrackEvents> events_;
  std::shared_ptr<AudioTrack> track_;
  std::unique_ptr<JsQueue<AudioBlockLease>> blocks_;
  int block_sink_ = 0;
};

}  // namespace boardcast
