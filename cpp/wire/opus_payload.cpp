#include "wire/opus_payload.h"

#include <array>

namespace boardcast {
namespace {

constexpr Duration kLongestPacket = 120ms;

/// Length of one frame, by the configuration number in the five high bits (RFC 6716 table 2).
Duration FrameDuration(std::uint8_t first_byte) {
  static constexpr std::array<Duration, 4> kSilk = {10ms, 20ms, 40ms, 60ms};
  static constexpr std::array<Duration, 2> kHybrid = {10ms, 20ms};
  static constexpr std::array<Duration, 4> kCelt = {2500us, 5ms, 10ms, 20ms};
  const unsigned config = first_byte >> 3;
  if (config < 12) return kSilk[config % 4];
  if (config < 16) return kHybrid[config % 2];
  return kCelt[config % 4];
}

}  // namespace

std::optional<Duration> OpusPacketDuration(Bytes packet) {
  if (packet.empty()) return std::nullopt;
  int frames = 1;
  switch (packet[0] & 0x03) {
    case 0:
      break;
    case 1:  // Two frames of equal size: requirement R3.
      if (packet.size() % 2 == 0) return std::nullopt;
      frames = 2;
      break;
    case 2:  // Two frames, the first with its size.
      if (packet.size() < 2) return std::nullopt;
      frames = 2;
      break;
    case 3:  // As many as the second byte says.
      if (packet.size() < 2) return std::nullopt;
      frames = packet[1] & 0x3f;
      break;
  }
  const Duration duration = frames * FrameDuration(packet[0]);
  if (duration == 0us || duration > kLongestPacket) return std::nullopt;
  return duration;
}

bool IsOpusPacketStereo(Bytes packet) { return !packet.empty() && (packet[0] & 0x04) != 0; }

}  // namespace boardcast
