#include "wire/rtcp_parser.h"

namespace boardcast {
namespace {

void ParseBlocks(int count, std::uint32_t sender_ssrc, ByteReader& reader, RtcpHandler& handler) {
  for (int i = 0; i < count; ++i) {
    ReportBlock block;
    block.ssrc = reader.U32();
    block.fraction_lost = reader.U8();
    block.cumulative_lost = static_cast<std::int32_t>(reader.U24() << 8) >> 8;  // Sign of 24 bits.
    block.highest_sequence = reader.U32();
    block.jitter = reader.U32();
    block.last_sr = reader.U32();
    block.delay_since_last_sr = reader.U32();
    handler.OnReportBlock(sender_ssrc, block);
  }
}

void ParseSenderReport(int count, ByteReader& reader, RtcpHandler& handler) {
  SenderReport report;
  report.sender_ssrc = reader.U32();
  report.ntp.value = reader.U64();
  report.rtp_timestamp = reader.U32();
  report.packet_count = reader.U32();
  report.octet_count = reader.U32();
  handler.OnSenderReport(report);
  ParseBlocks(count, report.sender_ssrc, reader, handler);
}

void ParseSdes(int count, ByteReader& reader, RtcpHandler& handler) {
  for (int chunk = 0; chunk < count && reader.ok(); ++chunk) {
    const std::uint32_t ssrc = reader.U32();
    while (const std::uint8_t type = reader.U8()) {  // A zero ends the chunk, so does running out.
      const Bytes text = reader.Take(reader.U8());
      if (type != kSdesCname) continue;
      handler.OnCname(ssrc, {reinterpret_cast<const char*>(text.data()), text.size()});
    }
    reader.Skip(reader.remaining() % 4);  // To the next word: packets are whole words long.
  }
}

void ParseBye(int count, ByteReader& reader, RtcpHandler& handler) {
  for (int i = 0; i < count; ++i) handler.OnBye(reader.U32());
}

void ParseNack(ByteReader& reader, RtcpHandler& handler) {
  const std::uint32_t sender_ssrc = reader.U32();
  const std::uint32_t media_ssrc = reader.U32();
  while (reader.remaining() > 0) {
    const std::uint16_t pid = reader.U16();
    const std::uint16_t blp = reader.U16();
    handler.OnNack(sender_ssrc, media_ssrc, pid);
    for (int bit = 0; bit < 16; ++bit) {
      if ((blp >> bit & 1) == 0) continue;
      handler.OnNack(sender_ssrc, media_ssrc, static_cast<std::uint16_t>(pid + bit + 1));
    }
  }
}

void ParsePli(ByteReader& reader, RtcpHandler& handler) {
  const std::uint32_t sender_ssrc = reader.U32();
  handler.OnPli(sender_ssrc, reader.U32());
}

void ParseFir(ByteReader& reader, RtcpHandler& handler) {
  const std::uint32_t sender_ssrc = reader.U32();
  reader.Skip(4);  // Media SSRC, unused: each entry names its own.
  while (reader.remaining() > 0) {
    const std::uint32_t media_ssrc = reader.U32();
    handler.OnFir(sender_ssrc, media_ssrc, reader.U8());
    reader.Skip(3);
  }
}

/// Reads the body of one packet; false if it is shorter than its own counts say.
bool ParseBody(std::uint8_t type, std::uint8_t count, Bytes body, RtcpHandler& handler) {
  ByteReader reader(body);
  if (type == rtcp_type::kSenderReport) {
    ParseSenderReport(count, reader, handler);
  } else if (type == rtcp_type::kReceiverReport) {
    ParseBlocks(count, reader.U32(), reader, handler);
  } else if (type == rtcp_type::kSourceDescription) {
    ParseSdes(count, reader, handler);
  } else if (type == rtcp_type::kBye) {
    ParseBye(count, reader, handler);
  } else if (type == rtcp_type::kTransportFeedback && count == feedback_format::kNack) {
    ParseNack(reader, handler);
  } else if (type == rtcp_type::kPayloadFeedback && count == feedback_format::kPli) {
    ParsePli(reader, handler);
  } else if (type == rtcp_type::kPayloadFeedback && count == feedback_format::kFir) {
    ParseFir(reader, handler);
  }
  return reader.ok();
}

/// Takes the padding off the last packet's body (RFC 3550 section 6.4.1); false if it is wrong.
bool RemovePadding(Bytes& body) {
  const std::size_t padding = body.empty() ? 0 : body.back();
  if (padding == 0 || padding % 4 != 0 || padding > body.size()) return false;
  body = body.first(body.size() - padding);
  return true;
}

Error Malformed() { return {ErrorCode::kMalformed, "RTCP packet is malformed"}; }

Status Walk(Bytes packet, RtcpHandler& handler) {
  ByteReader reader(packet);
  do {
    const std::uint8_t first = reader.U8();
    const std::uint8_t type = reader.U8();
    Bytes body = reader.Take(4u * reader.U16());
    if (!reader.ok() || first >> 6 != 2) return Malformed();
    const bool padded = (first & 0x20) != 0;
    if (padded && (reader.remaining() > 0 || !RemovePadding(body))) return Malformed();
    if (!ParseBody(type, first & 0x1f, body, handler)) return Malformed();
  } while (reader.remaining() > 0);
  return Ok{};
}

}  // namespace

Status ParseRtcp(Bytes packet, RtcpHandler& handler) {
  RtcpHandler nobody;
  if (Status checked = Walk(packet, nobody); !checked.ok()) return checked;
  return Walk(packet, handler);
}

}  // namespace boardcast
