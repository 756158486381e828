#pragma once

#include <cstddef>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "wire/fec_payload.h"

namespace boardcast {

/// Cuts H.264 access units into RTP payloads, packetization-mode 1 (RFC 6184 section 6.3).
///
/// NAL units that fit together travel in a STAP-A; large ones in FU-As of nearly equal size,
/// because FEC pads every packet of a block to the longest. Access unit delimiters are left out.
/// Thread-bound. Allocates only while its lists grow.
class H264Packetizer {
 public:
  /// `max_payload` in bytes, at least 16.
  explicit H264Packetizer(std::size_t max_payload = kMaxProtectedPayload);

  /// Starts an access unit in Annex B form, which must stay valid until done().
  void Begin(Bytes access_unit);

  /// No payload is left: the one before was the last, whose packet has the marker bit.
  bool done() const { return next_ == plan_.size(); }

  /// Payloads that the access unit has in all; 0 if no NAL unit was in it.
  std::size_t packet_count() const { return plan_.size(); }

  /// Writes the next payload into `out`, which has room for `max_payload`. Returns its size.
  std::size_t Next(MutableBytes out);

 private:
  /// One payload: either whole NAL units (size 0) or a part of one.
  struct Piece {
    std::size_t first_nal;
    std::size_t nal_count;
    std::size_t offset = 0;  ///< Into the unit, its header byte included.
    std::size_t size = 0;
  };

  void PlanFragments(std::size_t nal);
  void WriteWhole(const Piece& piece, ByteWriter& writer) const;
  void WriteFragment(const Piece& piece, ByteWriter& writer) const;

  const std::size_t max_payload_;
  std::vector<Bytes> nals_;
  std::vector<Piece> plan_;
  std::size_t next_ = 0;
};

}  // namespace boardcast
