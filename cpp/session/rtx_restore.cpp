#include "session/rtx_restore.h"

#include <utility>

#include "wire/rtx.h"

namespace boardcast {

std::int64_t UnwrapNear(std::uint16_t sequence_number, std::int64_t reference) {
  const auto step =
      static_cast<std::uint16_t>(sequence_number - static_cast<std::uint16_t>(reference));
  return reference + static_cast<std::int16_t>(step);
}

std::optional<RestoredPacket> RestorePacket(const RtpView& rtx, std::uint32_t media_ssrc,
                                            std::uint8_t media_payload_type, std::int64_t newest,
                                            PacketPool& packets, Timestamp now) {
  PacketLease packet = packets.Acquire();
  if (!packet) return std::nullopt;
  const auto size = RestoreFromRtx(rtx, media_ssrc, media_payload_type, packet->room());
  if (!size) return std::nullopt;
  packet->size = *size;
  packet->time = now;
  const auto view = ParseRtp(packet->bytes());
  if (!view) return std::nullopt;
  return RestoredPacket{UnwrapNear(view->header.sequence_number, newest), std::move(packet), *view};
}

}  // namespace boardcast
