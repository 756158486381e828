#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/result.h"
#include "connect/cipher_context.h"

namespace boardcast {

/// AES-128-GCM under one key in one direction, over OpenSSL. The key schedule is made once; each
/// packet only sets the IV, so nothing is allocated for a packet. Movable.
///
/// Thread: one at a time.
class AesGcm {
 public:
  static constexpr std::size_t kIvSize = 12;
  static constexpr std::size_t kTagSize = 16;

  enum class Direction { kSeal, kOpen };
  using Iv = std::array<std::uint8_t, kIvSize>;

  static Result<AesGcm> Create(Bytes key, Direction direction);

  /// Encrypts `data` in place and writes kTagSize bytes to `tag`. The associated data are
  /// authenticated in two parts because SRTCP has them on both sides of the payload.
  [[nodiscard]] bool Seal(const Iv& iv, Bytes associated, Bytes more_associated, MutableBytes data,
                          MutableBytes tag);

  /// Decrypts `data` in place. False if the tag does not fit; `data` is then worthless.
  [[nodiscard]] bool Open(const Iv& iv, Bytes associated, Bytes more_associated, MutableBytes data,
                          Bytes tag);

 private:
  explicit AesGcm(CipherContext context) : context_(std::move(context)) {}

  bool Update(Bytes associated, Bytes more_associated, MutableBytes data);

  CipherContext context_;
};

}  // namespace boardcast
