#pragma once

#include <array>
#include <cstdint>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/result.h"

namespace boardcast {

inline constexpr std::size_t kSrtpKeySize = 16;
inline constexpr std::size_t kSrtpSaltSize = 12;

using SrtpKey = std::array<std::uint8_t, kSrtpKeySize>;
using SrtpSalt = std::array<std::uint8_t, kSrtpSaltSize>;

/// What both ends share: the master key and salt of AEAD_AES_128_GCM (RFC 7714 section 12).
struct SrtpMasterKey {
  SrtpKey key{};
  SrtpSalt salt{};
};

/// What packets are protected with, derived from the master key.
struct SrtpSessionKeys {
  SrtpKey rtp_key{};
  SrtpSalt rtp_salt{};
  SrtpKey rtcp_key{};
  SrtpSalt rtcp_salt{};
};

/// Derives the session keys (RFC 3711 section 4.3, RFC 7714 section 11; key derivation rate 0).
Result<SrtpSessionKeys> DeriveSessionKeys(const SrtpMasterKey& master);

/// The pseudo-random function of RFC 3711 section 4.3.3: AES-CM under the master key. `salt` has
/// 112 bits, `label` says what the derived bytes are for; fills `out`.
Status DeriveSrtpKey(const SrtpKey& master_key, const std::array<std::uint8_t, 14>& salt,
                     std::uint8_t label, MutableBytes out);

}  // namespace boardcast
