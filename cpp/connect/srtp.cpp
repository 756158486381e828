#include "connect/srtp.h"

#include <algorithm>
#include <utility>

#include "base/byte_writer.h"

namespace boardcast {
namespace {

constexpr std::size_t kRtcpHeader = 8;  // With the sender's SSRC; what follows is encrypted.
constexpr std::size_t kIndexWord = 4;
constexpr std::uint32_t kEncryptedFlag = 0x8000'0000;
constexpr std::int64_t kMaxRtpIndex = (std::int64_t{1} << 48) - 1;

struct RtpStart {
  std::uint16_t sequence_number = 0;
  std::uint32_t ssrc = 0;
  std::size_t header_size = 0;  // With CSRC list and extension: what stays readable.
};

// Unlike ParseRtp() this does not look at the padding, which is still encrypted.
std::optional<RtpStart> ReadRtpStart(Bytes packet) {
  ByteReader reader(packet);
  const std::uint8_t first = reader.U8();
  reader.Skip(1);
  RtpStart start;
  start.sequence_number = reader.U16();
  reader.Skip(4);
  start.ssrc = reader.U32();
  const std::size_t csrc_count = first & 0x0f;
  reader.Skip(4 * csrc_count);
  if (first & 0x10) {
    reader.Skip(2);
    reader.Skip(4 * std::size_t{reader.U16()});
  }
  if (!reader.ok() || first >> 6 != 2) return std::nullopt;
  start.header_size = packet.size() - reader.remaining();
  return start;
}

// The SSRC of a compound RTCP packet.
std::optional<std::uint32_t> ReadRtcpSsrc(Bytes packet) {
  ByteReader reader(packet);
  const std::uint8_t first = reader.U8();
  reader.Skip(3);
  const std::uint32_t ssrc = reader.U32();
  if (!reader.ok() || first >> 6 != 2) return std::nullopt;
  return ssrc;
}

AesGcm::Iv Salted(AesGcm::Iv iv, const SrtpSalt& salt) {
  for (std::size_t i = 0; i < iv.size(); ++i) iv[i] ^= salt[i];
  return iv;
}

// RFC 7714 section 8.1; the index is the rollover counter and the sequence number.
AesGcm::Iv RtpIv(std::uint32_t ssrc, std::int64_t index, const SrtpSalt& salt) {
  AesGcm::Iv iv{};
  ByteWriter writer(iv);
  writer.U16(0);
  writer.U32(ssrc);
  writer.U32(static_cast<std::uint32_t>(index >> 16));
  writer.U16(static_cast<std::uint16_t>(index));
  return Salted(iv, salt);
}

// RFC 7714 section 9.1.
AesGcm::Iv RtcpIv(std::uint32_t ssrc, std::uint32_t index, const SrtpSalt& salt) {
  AesGcm::Iv iv{};
  ByteWriter writer(iv);
  writer.U16(0);
  writer.U32(ssrc);
  writer.U16(0);
  writer.U32(index);
  return Salted(iv, salt);
}

// The index nearest to the highest one so far (RFC 3711 section 3.3.1).
std::int64_t NearestIndex(std::int64_t highest, std::uint16_t sequence_number) {
  const auto step = static_cast<std::int16_t>(
      static_cast<std::uint16_t>(sequence_number - static_cast<std::uint16_t>(highest)));
  const std::int64_t index = highest + step;
  return index < 0 ? sequence_number : index;
}

Error Malformed(const char* what) { return {ErrorCode::kMalformed, what}; }

Error TooLong() { return {ErrorCode::kOverflow, "No room for the SRTP tag in this packet"}; }

Error NotAuthentic() {
  return {ErrorCode::kAuthenticationFailed, "The packet is not authentic under this SRTP key"};
}

Error Replayed() {
  return {ErrorCode::kReplayed, "The packet was seen before or is older than the replay window"};
}

// The part of the room of `packet` from `begin` to `end`.
MutableBytes Part(Packet& packet, std::size_t begin, std::size_t end) {
  return packet.room().subspan(begin, end - begin);
}

// Makes a sender or receiver with ciphers of its direction.
template <typename Endpoint, typename Make>
Result<Endpoint> MakeEndpoint(const SrtpSessionKeys& keys, AesGcm::Direction direction,
                              const Make& make) {
  Result<AesGcm> rtp = AesGcm::Create(keys.rtp_key, direction);
  if (!rtp) return rtp.error();
  Result<AesGcm> rtcp = AesGcm::Create(keys.rtcp_key, direction);
  if (!rtcp) return rtcp.error();
  return make(std::move(*rtp), std::move(*rtcp));
}

}  // namespace

Result<SrtpSender> SrtpSender::Create(const SrtpMasterKey& master) {
  const Result<SrtpSessionKeys> keys = DeriveSessionKeys(master);
  if (!keys) return keys.error();
  return Create(*keys);
}

Result<SrtpSender> SrtpSender::Create(const SrtpSessionKeys& keys) {
  return MakeEndpoint<SrtpSender>(keys, AesGcm::Direction::kSeal, [&](AesGcm rtp, AesGcm rtcp) {
    return SrtpSender(keys, std::move(rtp), std::move(rtcp));
  });
}

SrtpSender::Stream* SrtpSender::FindOrAdd(std::uint32_t ssrc) {
  const auto end = streams_.begin() + static_cast<std::ptrdiff_t>(stream_count_);
  const auto found =
      std::find_if(streams_.begin(), end, [ssrc](const Stream& s) { return s.ssrc == ssrc; });
  if (found != end) return &*found;
  if (stream_count_ == streams_.size()) return nullptr;
  Stream& added = streams_[stream_count_++];
  added.ssrc = ssrc;
  return &added;
}

Status SrtpSender::ProtectRtp(Packet& packet) {
  const std::optional<RtpStart> start = ReadRtpStart(packet.bytes());
  if (!start) return Malformed("Not an RTP packet");
  const std::size_t size = packet.size;
  if (size + kSrtpOverhead > kMaxDatagram) return TooLong();
  Stream* stream = FindOrAdd(start->ssrc);
  if (!stream) return Error{ErrorCode::kOverflow, "Too many SSRCs for one SRTP sender"};
  const std::int64_t index =
      NearestIndex(stream->sent.highest().value_or(start->sequence_number), start->sequence_number);
  if (index > kMaxRtpIndex) return Error{ErrorCode::kOverflow, "The SRTP key is used up"};
  if (!stream->sent.IsNew(index)) return Replayed();

  const bool sealed = rtp_.Seal(
      RtpIv(start->ssrc, index, keys_.rtp_salt), packet.bytes().first(start->header_size), {},
      Part(packet, start->header_size, size), Part(packet, size, size + kSrtpOverhead));
  if (!sealed) return Error{ErrorCode::kSystem, "OpenSSL failed to encrypt a packet"};
  stream->sent.Mark(index);
  packet.size = size + kSrtpOverhead;
  return Ok{};
}

Status SrtpSender::ProtectRtcp(Packet& packet) {
  const std::optional<std::uint32_t> ssrc = ReadRtcpSsrc(packet.bytes());
  if (!ssrc) return Malformed("Not an RTCP packet");
  const std::size_t size = packet.size;
  if (size + kSrtcpOverhead > kMaxDatagram) return TooLong();
  if (rtcp_index_ & kEncryptedFlag) return Error{ErrorCode::kOverflow, "The SRTP key is used up"};

  // On the wire: header, encrypted rest, tag, index with the E flag (RFC 7714 section 9.2).
  const std::size_t tag_end = size + AesGcm::kTagSize;
  const MutableBytes index_word = Part(packet, tag_end, tag_end + kIndexWord);
  ByteWriter(index_word).U32(kEncryptedFlag | rtcp_index_);
  const bool sealed =
      rtcp_.Seal(RtcpIv(*ssrc, rtcp_index_, keys_.rtcp_salt), packet.bytes().first(kRtcpHeader),
                 index_word, Part(packet, kRtcpHeader, size), Part(packet, size, tag_end));
  if (!sealed) return Error{ErrorCode::kSystem, "OpenSSL failed to encrypt a packet"};
  ++rtcp_index_;
  packet.size = size + kSrtcpOverhead;
  return Ok{};
}

Result<SrtpReceiver> SrtpReceiver::Create(const SrtpMasterKey& master) {
  const Result<SrtpSessionKeys> keys = DeriveSessionKeys(master);
  if (!keys) return keys.error();
  return Create(*keys);
}

Result<SrtpReceiver> SrtpReceiver::Create(const SrtpSessionKeys& keys) {
  return MakeEndpoint<SrtpReceiver>(keys, AesGcm::Direction::kOpen, [&](AesGcm rtp, AesGcm rtcp) {
    return SrtpReceiver(keys, std::move(rtp), std::move(rtcp));
  });
}

const SrtpReceiver::Stream* SrtpReceiver::Find(std::uint32_t ssrc) const {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [ssrc](const Stream& stream) {
    return stream.last_use > 0 && stream.ssrc == ssrc;
  });
  return found == streams_.end() ? nullptr : &*found;
}

SrtpReceiver::Stream& SrtpReceiver::FindOrAdd(std::uint32_t ssrc) {
  Stream* stream = const_cast<Stream*>(Find(ssrc));
  if (!stream) {
    // A free entry has the use count 0, so it goes before the least recently used one.
    stream = &*std::min_element(
        streams_.begin(), streams_.end(),
        [](const Stream& a, const Stream& b) { return a.last_use < b.last_use; });
    *stream = Stream{};
    stream->ssrc = ssrc;
  }
  stream->last_use = ++uses_;
  return *stream;
}

std::int64_t SrtpReceiver::EstimateIndex(std::uint32_t ssrc, std::uint16_t sequence_number) const {
  const Stream* stream = Find(ssrc);
  if (stream && stream->rtp.highest()) {
    return NearestIndex(*stream->rtp.highest(), sequence_number);
  }
  for (const std::optional<Hint>& hint : hints_) {
    if (hint && hint->ssrc == ssrc) return std::int64_t{hint->roc} << 16 | sequence_number;
  }
  return sequence_number;
}

void SrtpReceiver::HintRolloverCounter(std::uint32_t ssrc, std::uint32_t roc) {
  for (std::optional<Hint>& hint : hints_) {
    if (hint && hint->ssrc == ssrc) {
      hint->roc = roc;
      return;
    }
  }
  hints_[next_hint_++ % hints_.size()] = Hint{ssrc, roc};
}

Status SrtpReceiver::UnprotectRtp(Packet& packet) {
  const std::optional<RtpStart> start = ReadRtpStart(packet.bytes());
  if (!start || packet.size < start->header_size + kSrtpOverhead) {
    return Malformed("Not an SRTP packet");
  }
  const std::int64_t index = EstimateIndex(start->ssrc, start->sequence_number);
  const Stream* known = Find(start->ssrc);
  if (index > kMaxRtpIndex || (known && !known->rtp.IsNew(index))) return Replayed();

  const std::size_t plain_size = packet.size - kSrtpOverhead;
  const bool opened = rtp_.Open(
      RtpIv(start->ssrc, index, keys_.rtp_salt), packet.bytes().first(start->header_size), {},
      Part(packet, start->header_size, plain_size), packet.bytes().subspan(plain_size));
  if (!opened) return NotAuthentic();
  FindOrAdd(start->ssrc).rtp.Mark(index);
  packet.size = plain_size;
  return Ok{};
}

Status SrtpReceiver::UnprotectRtcp(Packet& packet) {
  const std::optional<std::uint32_t> ssrc = ReadRtcpSsrc(packet.bytes());
  if (!ssrc || packet.size < kRtcpHeader + kSrtcpOverhead) return Malformed("Not an SRTCP packet");
  const std::size_t plain_size = packet.size - kSrtcpOverhead;
  const Bytes index_word = packet.bytes().last(kIndexWord);
  const std::uint32_t word = ByteReader(index_word).U32();
  const std::uint32_t index = word & ~kEncryptedFlag;
  const Stream* known = Find(*ssrc);
  if (known && !known->rtcp.IsNew(index)) return Replayed();

  // Without the E flag the packet is authenticated only, all of it (RFC 7714 section 9.3).
  const std::size_t readable = word & kEncryptedFlag ? kRtcpHeader : plain_size;
  const bool opened = rtcp_.Open(
      RtcpIv(*ssrc, index, keys_.rtcp_salt), packet.bytes().first(readable), index_word,
      Part(packet, readable, plain_size), packet.bytes().subspan(plain_size, AesGcm::kTagSize));
  if (!opened) return NotAuthentic();
  FindOrAdd(*ssrc).rtcp.Mark(index);
  packet.size = plain_size;
  return Ok{};
}

}  // namespace boardcast
