#include <algorithm>
#include <array>
#include <cstdlib>

#include "wire/fec_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  const Result<FecRepair> repair = ParseFecRepair({data, size});
  if (!repair.ok()) return 0;
  std::array<std::uint8_t, kFecHeaderSize + kMaxFecSymbol> rewritten;
  const std::size_t rewritten_size = WriteFecRepair(*repair, rewritten);
  if (!std::ranges::equal(Bytes(rewritten).first(rewritten_size), Bytes(data, size))) std::abort();

  // A repair symbol over one packet is that packet's source symbol: a hostile one, too.
  std::array<std::uint8_t, kMaxDatagram> packet;
  const Result<std::size_t> packet_size = PacketFromFecSymbol(repair->symbol, 1, 2, packet);
  if (!packet_size.ok()) return 0;
  std::array<std::uint8_t, kMaxFecSymbol> symbol;
  if (WriteFecSymbol(Bytes(packet).first(*packet_size), symbol) == 0) std::abort();
  if (!std::ranges::equal(Bytes(symbol).first(repair->symbol.size()), repair->symbol)) std::abort();
  return 0;
}
