#pragma once

#include <memory>

struct evp_cipher_ctx_st;

namespace boardcast {

struct CipherContextFree {
  void operator()(evp_cipher_ctx_st* context) const;
};

/// Owns an OpenSSL cipher context.
using CipherContext = std::unique_ptr<evp_cipher_ctx_st, CipherContextFree>;

/// Empty if OpenSSL has no memory. Every use of OpenSSL starts here: the first call also sees to it
/// that our copy, linked statically, does not load the openssl.cnf written for the system's own.
CipherContext MakeCipherContext();

}  // namespace boardcast
