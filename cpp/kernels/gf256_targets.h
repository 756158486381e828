#pragma once

#include "kernels/gf256.h"

namespace boardcast {

/// Always built: the twin that the others are checked against.
extern const Gf256Kernels kGf256Scalar;

#if defined(__x86_64__)
// Run only after a look at the CPU.
extern const Gf256Kernels kGf256Ssse3;
extern const Gf256Kernels kGf256Avx2;
extern const Gf256Kernels kGf256Gfni;
#elif defined(__ARM_NEON)
extern const Gf256Kernels kGf256Neon;
#endif

}  // namespace boardcast
