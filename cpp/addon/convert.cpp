#include "addon/convert.h"

#include <cstring>
#include <string_view>

namespace boardcast {
namespace {

Napi::String ToJs(Napi::Env env, std::string_view text) {
  return Napi::String::New(env, text.data(), text.size());
}

void SetFailure(Napi::Object target, const Error& error) {
  const Napi::Env env = target.Env();
  target.Set("code", ToJs(env, ErrorCodeName(error.code)));
  target.Set("errno", Napi::Number::New(env, error.sys_errno));
  target.Set("syscall", ToJs(env, error.syscall));
  target.Set("path", ToJs(env, error.path));
}

double Micros(Timestamp time) { return static_cast<double>(ToMicros(time)); }

/// A time, or -1 for a stage that did not happen.
Napi::Number OptionalTime(Napi::Env env, const std::optional<Timestamp>& time) {
  return Napi::Number::New(env, time ? Micros(*time) : -1);
}

}  // namespace

Napi::Object FailureToJs(Napi::Env env, const Error& error) {
  Napi::Object failure = Napi::Object::New(env);
  failure.Set("message", Napi::String::New(env, error.message));
  SetFailure(failure, error);
  return failure;
}

void Throw(Napi::Env env, const Error& error) {
  const Napi::Error thrown = Napi::Error::New(env, error.message);
  SetFailure(thrown.Value(), error);
  thrown.ThrowAsJavaScriptException();
}

Napi::Object FrameToJs(Napi::Env env, const VideoFrame& frame) {
  std::size_t size = 0;
  for (int p = 0; p < frame.plane_count(); ++p) {
    size += static_cast<std::size_t>(frame.planes[p].width) * frame.planes[p].height;
  }
  auto data = Napi::Uint8Array::New(env, size);
  std::uint8_t* target = data.Data();
  for (int p = 0; p < frame.plane_count(); ++p) {
    const Plane& plane = frame.planes[p];
    for (int row = 0; row < plane.height; ++row, target += plane.width) {
      std::memcpy(target, plane.data + static_cast<std::ptrdiff_t>(row) * plane.stride,
                  static_cast<std::size_t>(plane.width));
    }
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("width", frame.width);
  object.Set("height", frame.height);
  object.Set("data", data);
  object.Set("rtpTimestamp", static_cast<double>(frame.rtp_timestamp));
  object.Set("captureTime", Micros(frame.capture_time));
  object.Set("mediaTime", static_cast<double>(frame.media_time_us));
  object.Set("damaged", frame.damaged);
  return object;
}

Napi::Object AudioToJs(Napi::Env env, const AudioBlock& block) {
  const auto samples = block.data();
  auto data = Napi::Int16Array::New(env, samples.size());
  std::copy(samples.begin(), samples.end(), data.Data());
  Napi::Object object = Napi::Object::New(env);
  object.Set("channels", block.channels);
  object.Set("data", data);
  object.Set("captureTime", Micros(block.capture_time));
  object.Set("concealed", block.concealed);
  return object;
}

Napi::Object TraceToJs(Napi::Env env, const FrameTraceRecord& record) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("rtpTimestamp", static_cast<double>(record.rtp_timestamp));
  object.Set("captureTime", OptionalTime(env, record.capture_time));
  object.Set("mediaTime", record.media_time ? static_cast<double>(record.media_time->count()) : -1);
  object.Set("codedTime", OptionalTime(env, record.coded_time));
  object.Set("doneTime", OptionalTime(env, record.done_time));
  object.Set("bytes", static_cast<double>(record.bytes));
  object.Set("key", record.key);
  object.Set("damaged", record.damaged);
  return object;
}

Napi::Object StatsToJs(Napi::Env env, const StatsGroup& stats) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : stats) object.Set(ToJs(env, name), value);
  return object;
}

std::string GetString(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::String>().Utf8Value();
}

double GetNumber(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Number>().DoubleValue();
}

bool GetBool(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Boolean>().Value();
}

std::optional<std::string> GetOptionalString(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) return std::nullopt;
  return value.As<Napi::String>().Utf8Value();
}

}  // namespace boardcast
