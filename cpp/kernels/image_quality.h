#pragma once

#include <cstdint>

#include "media/video_frame.h"

namespace boardcast {

// How near two pictures are to each other, for tests and benchmarks. Planes have the same size.

/// Sum of the squared differences of all bytes.
std::uint64_t SumSquaredError(const Plane& a, const Plane& b);

/// Peak signal to noise ratio in dB; infinite for equal planes.
double Psnr(const Plane& a, const Plane& b);

/// Mean structural similarity (Wang et al., 2004: K1 = 0.01, K2 = 0.03, L = 255) over windows of
/// 8x8 with equal weights at steps of 4, as encoders commonly report it; 1 for equal planes. Planes
/// are at least 8x8; columns and rows beyond a multiple of 4 are left out.
double Ssim(const Plane& a, const Plane& b);

}  // namespace boardcast
