#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "connect/aes_gcm.h"
#include "connect/replay_window.h"
#include "connect/srtp_keys.h"
#include "media/packet.h"

namespace boardcast {

/// What SRTP adds to an RTP packet, in bytes.
inline constexpr std::size_t kSrtpOverhead = AesGcm::kTagSize;
/// What SRTCP adds to a compound RTCP packet, in bytes: the tag, and the E flag with the index.
inline constexpr std::size_t kSrtcpOverhead = AesGcm::kTagSize + 4;

/// SSRCs that a sender or receiver keeps apart.
inline constexpr std::size_t kMaxSrtpStreams = 32;

/// Protects packets with AEAD_AES_128_GCM (RFC 3711, RFC 7714). The rollover counter of each SSRC
/// starts at 0 and follows the wraps of the sequence number; sequence numbers should start below
/// 2^15, so that a receiver that misses the first packets does not misjudge the first wrap.
///
/// Pure. Thread: network loop.
class SrtpSender {
 public:
  static Result<SrtpSender> Create(const SrtpMasterKey& master);
  static Result<SrtpSender> Create(const SrtpSessionKeys& keys);

  /// Encrypts an RTP packet in place; it grows by kSrtpOverhead. The same sequence number twice is
  /// refused (kReplayed): one more packet under the same IV would give the key stream away.
  Status ProtectRtp(Packet& packet);

  /// Encrypts a compound RTCP packet in place; it grows by kSrtcpOverhead.
  Status ProtectRtcp(Packet& packet);

 private:
  struct Stream {
    std::uint32_t ssrc = 0;
    ReplayWindow sent;
  };
  SrtpSender(const SrtpSessionKeys& keys, AesGcm rtp, AesGcm rtcp)
      : keys_(keys), rtp_(std::move(rtp)), rtcp_(std::move(rtcp)) {}
  Stream* FindOrAdd(std::uint32_t ssrc);

  SrtpSessionKeys keys_;
  AesGcm rtp_;
  AesGcm rtcp_;
  std::array<Stream, kMaxSrtpStreams> streams_;
  std::size_t stream_count_ = 0;
  std::uint32_t rtcp_index_ = 0;  ///< Shared by all SSRCs, which also keeps each IV unique.
};

/// Authenticates and decrypts what SrtpSender made. Only packets that authenticate change anything
/// here, so forged ones cannot shift a rollover counter or fill the table of streams. A packet
/// that was refused holds no usable data.
///
/// Pure. Thread: network loop.
class SrtpReceiver {
 public:
  static Result<SrtpReceiver> Create(const SrtpMasterKey& master);
  static Result<SrtpReceiver> Create(const SrtpSessionKeys& keys);

  /// Decrypts an SRTP packet in place. Errors: kMalformed, kReplayed (seen already, or older than
  /// the replay window), kAuthenticationFailed (wrong key, or forged).
  Status UnprotectRtp(Packet& packet);

  /// The same for SRTCP.
  Status UnprotectRtcp(Packet& packet);

  /// The rollover counter to try for a stream whose first packet is still to come. Without a hint
  /// it is 0, which fails for a stream joined after its sequence number has wrapped.
  void HintRolloverCounter(std::uint32_t ssrc, std::uint32_t roc);

 private:
  struct Stream {
    std::uint32_t ssrc = 0;
    std::uint64_t last_use = 0;  ///< Counts packets; 0: the entry is free.
    ReplayWindow rtp;
    ReplayWindow rtcp;
  };
  struct Hint {
    std::uint32_t ssrc;
    std::uint32_t roc;
  };
  SrtpReceiver(const SrtpSessionKeys& keys, AesGcm rtp, AesGcm rtcp)
      : keys_(keys), rtp_(std::move(rtp)), rtcp_(std::move(rtcp)) {}
  const Stream* Find(std::uint32_t ssrc) const;
  Stream& FindOrAdd(std::uint32_t ssrc);
  std::int64_t EstimateIndex(std::uint32_t ssrc, std::uint16_t sequence_number) const;

  SrtpSessionKeys keys_;
  AesGcm rtp_;
  AesGcm rtcp_;
  std::array<Stream, kMaxSrtpStreams> streams_;
  std::array<std::optional<Hint>, kMaxSrtpStreams> hints_{};
  std::size_t next_hint_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace boardcast
