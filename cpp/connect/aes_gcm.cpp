#include "connect/aes_gcm.h"

#include <openssl/evp.h>

#include <cassert>

namespace boardcast {

Result<AesGcm> AesGcm::Create(Bytes key, Direction direction) {
  AesGcm cipher(MakeCipherContext());
  if (!cipher.context_ || key.size() != 16 ||
      EVP_CipherInit_ex(cipher.context_.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr,
                        direction == Direction::kSeal ? 1 : 0) != 1) {
    return Error{ErrorCode::kSystem, "OpenSSL refuses AES-128-GCM"};
  }
  return cipher;
}

bool AesGcm::Update(Bytes associated, Bytes more_associated, MutableBytes data) {
  int size = 0;
  for (const Bytes part : {associated, more_associated}) {
    if (!part.empty() && EVP_CipherUpdate(context_.get(), nullptr, &size, part.data(),
                                          static_cast<int>(part.size())) != 1) {
      return false;
    }
  }
  return data.empty() || EVP_CipherUpdate(context_.get(), data.data(), &size, data.data(),
                                          static_cast<int>(data.size())) == 1;
}

bool AesGcm::Seal(const Iv& iv, Bytes associated, Bytes more_associated, MutableBytes data,
                  MutableBytes tag) {
  assert(tag.size() == kTagSize);
  int size = 0;
  return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1) == 1 &&
         Update(associated, more_associated, data) &&
         EVP_CipherFinal_ex(context_.get(), tag.data(), &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag.data()) == 1;
}

bool AesGcm::Open(const Iv& iv, Bytes associated, Bytes more_associated, MutableBytes data,
                  Bytes tag) {
  assert(tag.size() == kTagSize);
  int size = 0;
  std::uint8_t rest[kTagSize];  // GCM leaves nothing for the final call; OpenSSL wants a place.
  return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1) == 1 &&
         EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize,
                             const_cast<std::uint8_t*>(tag.data())) == 1 &&
         Update(associated, more_associated, data) &&
         EVP_CipherFinal_ex(context_.get(), rest, &size) == 1;
}

}  // namespace boardcast
