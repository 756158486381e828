#pragma once

#include <cstdint>

namespace boardcast {

/// 32 unpredictable bits, for SSRCs and first sequence numbers (RFC 3550 section 8.1). Any thread.
std::uint32_t RandomU32();

}  // namespace boardcast
