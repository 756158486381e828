#pragma once

#include <cstdint>
#include <optional>

#include "media/video_frame.h"

namespace boardcast {

/// Numbers in a barcode have this many bits; eight more protect them against misreading.
inline constexpr int kBarcodeBits = 24;

/// Height in luma rows of the barcode at the foot of a picture of this size.
int BarcodeHeight(int width, int height);

/// Draws the low 24 bits of `number` across the foot of `frame`, in cells of at least 8 x 8 pixels
/// that survive strong compression and scaling.
void DrawBarcode(VideoFrame& frame, std::uint32_t number);

/// The number in the barcode of `frame` (of any pixel format), or nothing if there is none that can
/// be relied on. Tests and benchmarks tell by it which source frame they see.
std::optional<std::uint32_t> ReadBarcode(const VideoFrame& frame);

}  // namespace boardcast
