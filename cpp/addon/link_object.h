#pragma once

#include <napi.h>

#include <memory>

#include "testing/udp_link.h"

namespace boardcast {

/// NativeLink of src/native.ts. Thread: JavaScript.
class LinkObject : public Napi::ObjectWrap<LinkObject> {
 public:
  static Napi::Function Define(Napi::Env env);

  /// `info`: conditions with port, targetPort and seed.
  explicit LinkObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value Port(const Napi::CallbackInfo& info);
  void SetConditions(const Napi::CallbackInfo& info);
  Napi::Value Counters(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  std::unique_ptr<UdpLink> link_;
};

}  // namespace boardcast
