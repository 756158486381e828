#include "connect/cipher_context.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace boardcast {

void CipherContextFree::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

CipherContext MakeCipherContext() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  return CipherContext(EVP_CIPHER_CTX_new());
}

}  // namespace boardcast
