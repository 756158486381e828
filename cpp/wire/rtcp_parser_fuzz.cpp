#include <array>
#include <cstdlib>
#include <vector>

#include "wire/rtcp_builder.h"
#include "wire/rtcp_parser.h"

namespace boardcast {
namespace {

/// Uses everything that it is given, and builds an answer from some of it.
class Echo : public RtcpHandler {
 public:
  void OnSenderReport(const SenderReport& report) override {
    ++calls;
    builder.AddSenderReport(report, {});
  }
  void OnReportBlock(std::uint32_t sender_ssrc, const ReportBlock& block) override {
    ++calls;
    builder.AddReceiverReport(sender_ssrc, {&block, 1});
  }
  void OnNack(std::uint32_t, std::uint32_t, std::uint16_t sequence_number) override {
    ++calls;
    lost.push_back(sequence_number);
  }
  void OnPli(std::uint32_t sender_ssrc, std::uint32_t media_ssrc) override {
    ++calls;
    builder.AddPli(sender_ssrc, media_ssrc);
  }
  void OnFir(std::uint32_t, std::uint32_t, std::uint8_t) override { ++calls; }
  void OnBye(std::uint32_t ssrc) override {
    ++calls;
    builder.AddBye({&ssrc, 1});
  }
  void OnCname(std::uint32_t ssrc, std::string_view cname) override {
    ++calls;
    builder.AddCname(ssrc, cname);
  }

  std::array<std::uint8_t, 1400> buffer{};
  RtcpBuilder builder{buffer};
  std::vector<std::uint16_t> lost;
  int calls = 0;
};

}  // namespace
}  // namespace boardcast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  Echo echo;
  if (!ParseRtcp({data, size}, echo).ok()) {
    if (echo.calls > 0) std::abort();  // A malformed packet must have no effect.
    return 0;
  }
  echo.builder.AddNack({1, 2, echo.lost});
  if (!echo.builder.ok() || echo.builder.size() == 0) return 0;
  Echo again;
  if (!ParseRtcp(Bytes(echo.buffer).first(echo.builder.size()), again).ok()) std::abort();
  return 0;
}
