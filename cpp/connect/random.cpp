#include "connect/random.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace boardcast {

std::uint32_t RandomU32() {
  std::uint32_t value = 0;
  // Numbers that can be guessed would repeat nonces under a shared key: better no process.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) std::abort();
  return value;
}

}  // namespace boardcast
