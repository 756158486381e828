#include "addon/session_object.h"

#include <algorithm>
#include <string>
#include <utility>

#include "addon/convert.h"
#include "addon/track_object.h"

namespace boardcast {
namespace {

constexpr std::size_t kQueuedEvents = 64;
constexpr std::size_t kQueuedChunks = 128;
constexpr std::size_t kQueuedFrames = 4;
constexpr std::size_t kQueuedBlocks = 16;

const char* KindName(MediaKind kind) { return kind == MediaKind::kVideo ? "video" : "audio"; }

SrtpMasterKey KeyFrom(const Napi::Object& address) {
  const auto bytes = address.Get("key").As<Napi::Uint8Array>();
  SrtpMasterKey key;
  std::copy_n(bytes.Data(), key.key.size(), key.key.begin());
  std::copy_n(bytes.Data() + key.key.size(), key.salt.size(), key.salt.begin());
  return key;
}

Result<SocketAddress> AddressFrom(const Napi::Object& address) {
  return SocketAddress::Resolve(GetString(address, "host"),
                                static_cast<std::uint16_t>(GetNumber(address, "port")));
}

}  // namespace

Napi::Function SessionObject::Define(Napi::Env env) {
  return DefineClass(env, "Session",
                     {InstanceMethod<&SessionObject::AddVideo>("addVideo"),
                      InstanceMethod<&SessionObject::AddAudio>("addAudio"),
                      InstanceMethod<&SessionObject::SetBitrate>("setBitrate"),
                      InstanceMethod<&SessionObject::RequestKeyFrame>("requestKeyFrame"),
                      InstanceMethod<&SessionObject::Publish>("publish"),
                      InstanceMethod<&SessionObject::Subscribe>("subscribe"),
                      InstanceMethod<&SessionObject::LocalPort>("localPort"),
                      InstanceMethod<&SessionObject::SetChunkCallback>("setChunkCallback"),
                      InstanceMethod<&SessionObject::SetFrameCallback>("setFrameCallback"),
                      InstanceMethod<&SessionObject::SetAudioCallback>("setAudioCallback"),
                      InstanceMethod<&SessionObject::GetStats>("getStats"),
                      InstanceMethod<&SessionObject::ReadTrace>("readTrace"),
                      InstanceMethod<&SessionObject::Drain>("drain"),
                      InstanceMethod<&SessionObject::Close>("close")});
}

SessionObject::SessionObject(const Napi::CallbackInfo& info)
    : ObjectWrap(info),
      events_(std::make_unique<JsQueue<Event>>(
          info[0].As<Napi::Function>(), "boardcast session", kQueuedEvents, Overflow::kDropOldest,
          [](Napi::Env env, Event& event) -> Napi::Value {
            Napi::Object object = Napi::Object::New(env);
            object.Set("type", event.type);
            if (event.error) {
              object.Set("error", FailureToJs(env, *event.error));
            } else if (event.warning) {
              object.Set("code", std::string(ErrorCodeName(event.warning->code)));
              object.Set("message", event.warning->message);
              object.Set("count", static_cast<double>(event.warning->count));
            } else {
              object.Set("kind", KindName(event.kind));
              object.Set("ssrc", static_cast<double>(event.ssrc));
              object.Set("id", event.id);
              object.Set("reason", event.reason == StopReason::kBye ? "bye" : "timeout");
            }
            return object;
          })),
      session_(std::make_unique<Session>(MakeCallbacks())) {}

Session::Callbacks SessionObject::MakeCallbacks() {
  const auto report = [this](const Error& error) {
    events_->Push({.type = "error", .error = error});
  };
  const auto warn = [this](const Warning& warning) {
    events_->Push({.type = "warning", .warning = warning});
  };
  return {
      .receiving = {
          .stream_start =
              [this](MediaKind kind, std::uint32_t ssrc) {
                events_->Push({.type = "streamstart", .kind = kind, .ssrc = ssrc});
              },
          .stream_stop =
              [this](MediaKind kind, std::uint32_t ssrc, StopReason reason) {
                events_->Push({.type = "streamstop", .kind = kind, .ssrc = ssrc, .reason = reason});
              },
          .chunk = [this](MediaKind kind, ChunkLease chunk) { Record(kind, std::move(chunk)); },
          .frame =
              [this](const VideoFrameLease& frame) { frames_.Push([&] { return frame.Share(); }); },
          .audio =
              [this](const AudioBlockLease& block) { audio_.Push([&] { return block.Share(); }); },
          .warning = warn,
          .error = report,
      },
      .error = report,
      .sent = [this](int sender) { events_->Push({.type = "sent", .id = sender}); },
      .warning = warn,
  };
}

// What the recorder does not take breaks the chain of references: everything up to the next key
// frame is of no use to it.
void SessionObject::Record(MediaKind kind, ChunkLease chunk) {
  const bool video = kind == MediaKind::kVideo;
  if (video && recorder_skips_ && !chunk->key) return;
  const bool taken = chunks_.Push([&] { return Chunk{kind, std::move(chunk)}; });
  if (video) recorder_skips_ = !taken;
  if (taken) return;
  ++recorder_refusals_;
  events_->Push({.type = "warning",
                 .warning = Warning{ErrorCode::kOverflow,
                                    "The recorder does not keep up; parts are missing in the file.",
                                    recorder_refusals_}});
  session_->RequestKeyFrameFromSender();
}

Napi::Value SessionObject::AddVideo(const Napi::CallbackInfo& info) {
  const auto* track = VideoTrackObject::Unwrap(info[0].As<Napi::Object>());
  const auto options = info[1].As<Napi::Object>();
  const auto id = session_->AddVideo(
      track->track(), {.max_bitrate = static_cast<std::int64_t>(GetNumber(options, "maxBitrate")),
                       .key_frame_interval = Duration(
                           static_cast<std::int64_t>(GetNumber(options, "keyFrameInterval")))});
  if (id) return Napi::Number::New(info.Env(), *id);
  Throw(info.Env(), id.error());
  return {};
}

Napi::Value SessionObject::AddAudio(const Napi::CallbackInfo& info) {
  const auto* track = AudioTrackObject::Unwrap(info[0].As<Napi::Object>());
  const auto options = info[1].As<Napi::Object>();
  const auto id =
      session_->AddAudio(track->track(), static_cast<int>(GetNumber(options, "maxBitrate")));
  if (id) return Napi::Number::New(info.Env(), *id);
  Throw(info.Env(), id.error());
  return {};
}

void SessionObject::SetBitrate(const Napi::CallbackInfo& info) {
  session_->SetBitrate(info[0].As<Napi::Number>().Int32Value(),
                       info[1].As<Napi::Number>().Int64Value());
}

void SessionObject::RequestKeyFrame(const Napi::CallbackInfo& /*info*/) {
  session_->RequestKeyFrame();
}

void SessionObject::Publish(const Napi::CallbackInfo& info) {
  const auto to = info[0].As<Napi::Object>();
  const auto peer = AddressFrom(to);
  if (!peer) return Throw(info.Env(), peer.error());
  const Status published = session_->Publish(*peer, KeyFrom(to));
  if (!published) Throw(info.Env(), published.error());
}

void SessionObject::Subscribe(const Napi::CallbackInfo& info) {
  const auto on = info[0].As<Napi::Object>();
  const auto sinks = info[1].As<Napi::Object>();
  const auto local = AddressFrom(on);
  if (!local) return Throw(info.Env(), local.error());
  const Status subscribed =
      session_->Subscribe({.local = *local,
                           .key = KeyFrom(on),
                           .cname = {},
                           .video_file = GetOptionalString(sinks, "videoFile"),
                           .audio_file = GetOptionalString(sinks, "audioFile"),
                           .audio_device = GetOptionalString(sinks, "audioDevice")});
  if (!subscribed) Throw(info.Env(), subscribed.error());
}

Napi::Value SessionObject::LocalPort(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), session_->local_port());
}

void SessionObject::SetChunkCallback(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) return chunks_.Set(nullptr);
  chunks_.Set(std::make_unique<JsQueue<Chunk>>(
      info[0].As<Napi::Function>(), "boardcast chunks", kQueuedChunks, Overflow::kRefuse,
      [this](Napi::Env env, Chunk& chunk) -> Napi::Value { return ChunkToJs(env, chunk); },
      /*batch=*/true));
}

Napi::Value SessionObject::ChunkToJs(Napi::Env env, Chunk& chunk) {
  const EncodedChunk& coded = *chunk.chunk;
  auto data = Napi::Uint8Array::New(env, coded.data.size());
  std::copy(coded.data.begin(), coded.data.end(), data.Data());
  // Audio and video share the capture clock once sender reports have come; before that (a few
  // frames at most) arrival is the best guess.
  const Timestamp time = coded.capture_time != Timestamp{} ? coded.capture_time : coded.coded_time;
  Napi::Object object = Napi::Object::New(env);
  object.Set("kind", KindName(chunk.kind));
  object.Set("data", data);
  object.Set("key", coded.key);
  object.Set("timestamp", static_cast<double>(ToMicros(time)));
  object.Set("duration", static_cast<double>(coded.duration.count()));
  return object;
}

void SessionObject::SetFrameCallback(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) return frames_.Set(nullptr);
  frames_.Set(std::make_unique<JsQueue<VideoFrameLease>>(
      info[0].As<Napi::Function>(), "boardcast frames", kQueuedFrames, Overflow::kDropOldest,
      [](Napi::Env env, VideoFrameLease& frame) -> Napi::Value { return FrameToJs(env, *frame); }));
}

void SessionObject::SetAudioCallback(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) return audio_.Set(nullptr);
  audio_.Set(std::make_unique<JsQueue<AudioBlockLease>>(
      info[0].As<Napi::Function>(), "boardcast audio", kQueuedBlocks, Overflow::kDropOldest,
      [](Napi::Env env, AudioBlockLease& block) -> Napi::Value { return AudioToJs(env, *block); }));
}

Napi::Value SessionObject::GetStats(const Napi::CallbackInfo& info) {
  const Session::Stats stats = session_->GetStats();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("timestamp", static_cast<double>(ToMicros(MonotonicNow())));
  const auto add = [&](const char* name, const StatsGroup& group) {
    if (!group.empty()) object.Set(name, StatsToJs(info.Env(), group));
  };
  add("outboundVideo", stats.outbound_video);
  add("outboundAudio", stats.outbound_audio);
  add("remoteInboundVideo", stats.remote_video);
  add("remoteInboundAudio", stats.remote_audio);
  add("inboundVideo", stats.inbound_video);
  add("inboundAudio", stats.inbound_audio);
  add("transport", stats.transport);
  return object;
}

Napi::Value SessionObject::ReadTrace(const Napi::CallbackInfo& info) {
  const auto records = session_->ReadTrace();
  Napi::Array array = Napi::Array::New(info.Env(), records.size());
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    array.Set(i, TraceToJs(info.Env(), records[i]));
  }
  return array;
}

void SessionObject::Drain(const Napi::CallbackInfo& info) {
  drained_ = std::make_unique<JsQueue<bool>>(
      info[0].As<Napi::Function>(), "boardcast drain", 1, Overflow::kDropOldest,
      [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
  session_->Drain([this] { drained_->Push(true); });
}

void SessionObject::Close(const Napi::CallbackInfo& /*info*/) { Stop(); }

void SessionObject::Stop() {
  session_->Close();
  chunks_.Set(nullptr);
  frames_.Set(nullptr);
  audio_.Set(nullptr);
  drained_.reset();
  events_->Close();
}

}  // namespace boardcast
