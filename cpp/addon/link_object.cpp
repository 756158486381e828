#include "addon/link_object.h"

#include <utility>

#include "addon/convert.h"

namespace boardcast {
namespace {

Duration Milliseconds(double value) { return Duration(static_cast<std::int64_t>(value * 1'000)); }

NetworkConditions ConditionsFrom(const Napi::Object& options) {
  return {.loss_percent = GetNumber(options, "lossPercent"),
          .delay = Milliseconds(GetNumber(options, "delayMs")),
          .jitter = Milliseconds(GetNumber(options, "jitterMs"))};
}

}  // namespace

Napi::Function LinkObject::Define(Napi::Env env) {
  return DefineClass(env, "Link",
                     {InstanceAccessor<&LinkObject::Port>("port"),
                      InstanceMethod<&LinkObject::SetConditions>("setConditions"),
                      InstanceMethod<&LinkObject::Counters>("counters"),
                      InstanceMethod<&LinkObject::Close>("close")});
}

LinkObject::LinkObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const auto options = info[0].As<Napi::Object>();
  const NetworkConditions conditions = ConditionsFrom(options);
  auto link =
      UdpLink::Start({.listen_port = static_cast<std::uint16_t>(GetNumber(options, "port")),
                      .target_port = static_cast<std::uint16_t>(GetNumber(options, "targetPort")),
                      .to_target = conditions,
                      .from_target = conditions,
                      .seed = static_cast<std::uint64_t>(GetNumber(options, "seed"))});
  if (!link) {
    Throw(info.Env(), link.error());
    return;
  }
  link_ = std::move(*link);
}

Napi::Value LinkObject::Port(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), link_ ? link_->address().port() : 0);
}

void LinkObject::SetConditions(const Napi::CallbackInfo& info) {
  if (!link_) return;
  const NetworkConditions conditions = ConditionsFrom(info[0].As<Napi::Object>());
  if (link_->SetConditions(conditions, conditions)) return;
  Throw(info.Env(), {ErrorCode::kOverflow, "The emulated link is too busy to change; try again."});
}

Napi::Value LinkObject::Counters(const Napi::CallbackInfo& info) {
  const UdpLink::Counters both = link_ ? link_->counters() : UdpLink::Counters{};
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("sent", static_cast<double>(both.to_target.sent));
  object.Set("lost", static_cast<double>(both.to_target.lost));
  object.Set("delivered", static_cast<double>(both.to_target.delivered));
  return object;
}

void LinkObject::Close(const Napi::CallbackInfo& /*info*/) { link_.reset(); }

}  // namespace boardcast
