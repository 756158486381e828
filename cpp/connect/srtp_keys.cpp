#include "connect/srtp_keys.h"

#include <openssl/evp.h>

#include <algorithm>

#include "connect/cipher_context.h"

namespace boardcast {
namespace {

// Labels of RFC 3711 section 4.3.2; AEAD needs no separate authentication key.
constexpr std::uint8_t kRtpKeyLabel = 0;
constexpr std::uint8_t kRtpSaltLabel = 2;
constexpr std::uint8_t kRtcpKeyLabel = 3;
constexpr std::uint8_t kRtcpSaltLabel = 5;
constexpr std::size_t kLabelPosition = 7;

}  // namespace

Status DeriveSrtpKey(const SrtpKey& master_key, const std::array<std::uint8_t, 14>& salt,
                     std::uint8_t label, MutableBytes out) {
  // The first counter block: (salt XOR label) * 2^16.
  std::array<std::uint8_t, 16> counter{};
  std::copy(salt.begin(), salt.end(), counter.begin());
  counter[kLabelPosition] ^= label;

  std::fill(out.begin(), out.end(), std::uint8_t{0});
  const CipherContext context = MakeCipherContext();
  int size = 0;
  if (!context ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, master_key.data(),
                         counter.data()) != 1 ||
      EVP_EncryptUpdate(context.get(), out.data(), &size, out.data(),
                        static_cast<int>(out.size())) != 1) {
    return Error{ErrorCode::kSystem, "OpenSSL refuses AES-128-CTR"};
  }
  return Ok{};
}

Result<SrtpSessionKeys> DeriveSessionKeys(const SrtpMasterKey& master) {
  // The 96-bit salt fills the upper part of the 112 bits that the function takes.
  std::array<std::uint8_t, 14> salt{};
  std::copy(master.salt.begin(), master.salt.end(), salt.begin());
  SrtpSessionKeys keys;
  const struct {
    std::uint8_t label;
    MutableBytes out;
  } derivations[] = {{kRtpKeyLabel, keys.rtp_key},
                     {kRtpSaltLabel, keys.rtp_salt},
                     {kRtcpKeyLabel, keys.rtcp_key},
                     {kRtcpSaltLabel, keys.rtcp_salt}};
  for (const auto& [label, out] : derivations) {
    if (Status derived = DeriveSrtpKey(master.key, salt, label, out); !derived) {
      return derived.error();
    }
  }
  return keys;
}

}  // namespace boardcast
