#pragma once

#include <cstdint>
#include <optional>

#include "media/packet.h"
#include "wire/rtp.h"

namespace boardcast {

/// `sequence_number` as the 64-bit number nearest to `reference`.
std::int64_t UnwrapNear(std::uint16_t sequence_number, std::int64_t reference);

/// A packet that came by retransmission, as it was sent at first.
struct RestoredPacket {
  std::int64_t seq = 0;
  PacketLease packet;
  RtpView view;  ///< Points into `packet`.
};

/// Nothing if `rtx` is malformed or no packet is free. `newest` is the newest sequence number seen.
std::optional<RestoredPacket> RestorePacket(const RtpView& rtx, std::uint32_t media_ssrc,
                                            std::uint8_t media_payload_type, std::int64_t newest,
                                            PacketPool& packets, Timestamp now);

}  // namespace boardcast
