#include "wire/opus_payload.h"

#include <gtest/gtest.h>

#include <vector>

namespace boardcast {
namespace {

using Buffer = std::vector<std::uint8_t>;

std::uint8_t Toc(int config, bool stereo, int code) {
  return static_cast<std::uint8_t>(config << 3 | (stereo ? 4 : 0) | code);
}

TEST(OpusPayload, KnowsTheFrameSizeOfEachConfiguration) {
  const Duration expected[32] = {10ms,   20ms, 40ms, 60ms, 10ms,   20ms, 40ms, 60ms,
                                 10ms,   20ms, 40ms, 60ms, 10ms,   20ms, 10ms, 20ms,
                                 2500us, 5ms,  10ms, 20ms, 2500us, 5ms,  10ms, 20ms,
                                 2500us, 5ms,  10ms, 20ms, 2500us, 5ms,  10ms, 20ms};
  for (int config = 0; config < 32; ++config) {
    EXPECT_EQ(OpusPacketDuration(Buffer{Toc(config, false, 0), 1, 2}), expected[config]) << config;
  }
}

TEST(OpusPayload, CountsFrames) {
  struct Case {
    Buffer packet;
    std::optional<Duration> duration;
  };
  const Case cases[] = {
      {{}, std::nullopt},
      {{Toc(1, false, 0)}, 20ms},
      {{Toc(1, false, 1)}, 40ms},
      {{Toc(1, false, 1), 1, 2}, 40ms},
      {{Toc(1, false, 1), 1}, std::nullopt},  // Two equal halves of one byte.
      {{Toc(1, false, 2)}, std::nullopt},
      {{Toc(1, false, 2), 0, 9}, 40ms},
      {{Toc(3, false, 3)}, std::nullopt},
      {{Toc(3, false, 3), 0}, std::nullopt},
      {{Toc(3, false, 3), 2}, 120ms},
      {{Toc(3, false, 3), 3}, std::nullopt},
      {{Toc(16, false, 3), 48}, 120ms},
      {{Toc(16, false, 3), 49}, std::nullopt},
      {{Toc(16, false, 3), 0xc0 | 3}, 7500us},  // Flags for VBR and padding do not count.
  };
  for (const Case& item : cases) EXPECT_EQ(OpusPacketDuration(item.packet), item.duration);
}

TEST(OpusPayload, KnowsStereo) {
  EXPECT_FALSE(IsOpusPacketStereo({}));
  EXPECT_FALSE(IsOpusPacketStereo(Buffer{Toc(31, false, 3)}));
  EXPECT_TRUE(IsOpusPacketStereo(Buffer{Toc(0, true, 0)}));
}

}  // namespace
}  // namespace boardcast
