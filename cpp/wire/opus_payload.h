#pragma once

#include <optional>

#include "base/byte_reader.h"
#include "base/time.h"

namespace boardcast {

/// Length of the sound in an Opus packet, from its first bytes (RFC 6716 section 3.1 and 3.2), or
/// nothing if no Opus packet begins like that. At most 120 ms.
std::optional<Duration> OpusPacketDuration(Bytes packet);

/// The stereo flag of the first byte; false for an empty packet.
bool IsOpusPacketStereo(Bytes packet);

}  // namespace boardcast
