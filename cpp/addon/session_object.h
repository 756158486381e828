#pragma once

#include <napi.h>

#include <memory>
#include <mutex>
#include <optional>

#include "addon/js_queue.h"
#include "session/session.h"

namespace boardcast {

/// NativeSession of src/native.ts. Thread: JavaScript.
class SessionObject : public Napi::ObjectWrap<SessionObject> {
 public:
  static Napi::Function Define(Napi::Env env);

  /// `info`: event callback.
  explicit SessionObject(const Napi::CallbackInfo& info);
  ~SessionObject() override { Stop(); }

 private:
  /// One NativeSessionEvent.
  struct Event {
    const char* type;
    MediaKind kind = MediaKind::kVideo;
    std::uint32_t ssrc = 0;
    StopReason reason = StopReason::kBye;
    int id = 0;
    std::optional<Warning> warning = {};
    std::optional<Error> error = {};
  };
  struct Chunk {
    MediaKind kind;
    ChunkLease chunk;
  };
  /// A queue to JavaScript that comes and goes while other threads feed it.
  template <typename T>
  class Outlet {
   public:
    void Set(std::unique_ptr<JsQueue<T>> queue) {
      const std::scoped_lock lock(mutex_);
      queue_.swap(queue);
    }
    /// False if there is a queue and it refused the item.
    template <typename Make>
    bool Push(Make make) {
      const std::scoped_lock lock(mutex_);
      return !queue_ || queue_->Push(make());
    }

   private:
    std::mutex mutex_;
    std::unique_ptr<JsQueue<T>> queue_;
  };

  Napi::Value AddVideo(const Napi::CallbackInfo& info);
  Napi::Value AddAudio(const Napi::CallbackInfo& info);
  void SetBitrate(const Napi::CallbackInfo& info);
  void RequestKeyFrame(const Napi::CallbackInfo& info);
  void Publish(const Napi::CallbackInfo& info);
  void Subscribe(const Napi::CallbackInfo& info);
  Napi::Value LocalPort(const Napi::CallbackInfo& info);
  void SetChunkCallback(const Napi::CallbackInfo& info);
  void SetFrameCallback(const Napi::CallbackInfo& info);
  void SetAudioCallback(const Napi::CallbackInfo& info);
  Napi::Value GetStats(const Napi::CallbackInfo& info);
  Napi::Value ReadTrace(const Napi::CallbackInfo& info);
  void Drain(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);
  void Stop();
  Session::Callbacks MakeCallbacks();
  void Record(MediaKind kind, ChunkLease chunk);
  Napi::Value ChunkToJs(Napi::Env env, Chunk& chunk);

  std::unique_ptr<JsQueue<Event>> events_;
  std::unique_ptr<JsQueue<bool>> drained_;
  Outlet<Chunk> chunks_;
  bool recorder_skips_ = false;          ///< To the next key frame. Network loop only.
  std::uint64_t recorder_refusals_ = 0;  ///< Likewise.
  Outlet<VideoFrameLease> frames_;
  Outlet<AudioBlockLease> audio_;
  std::unique_ptr<Session> session_;
};

}  // namespace boardcast
