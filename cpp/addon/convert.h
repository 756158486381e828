#pragma once

#include <napi.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "media/audio_block.h"
#include "media/video_frame.h"
#include "observe/frame_trace.h"
#include "observe/stats_group.h"

namespace boardcast {

/// C++ values to the shapes of src/native.ts and back. TypeScript has validated what comes in.

Napi::Object FailureToJs(Napi::Env env, const Error& error);

/// Throws `error` as a JavaScript Error with the fields of NativeFailure.
void Throw(Napi::Env env, const Error& error);

/// I420 planes without padding.
Napi::Object FrameToJs(Napi::Env env, const VideoFrame& frame);
Napi::Object AudioToJs(Napi::Env env, const AudioBlock& block);
Napi::Object TraceToJs(Napi::Env env, const FrameTraceRecord& record);
Napi::Object StatsToJs(Napi::Env env, const StatsGroup& stats);

std::string GetString(const Napi::Object& object, const char* name);
double GetNumber(const Napi::Object& object, const char* name);
bool GetBool(const Napi::Object& object, const char* name);
/// Empty if the property is undefined.
std::optional<std::string> GetOptionalString(const Napi::Object& object, const char* name);

}  // namespace boardcast
