#if defined(__ARM_NEON)
// The baseline of every ARM that boardcast runs on. SVE is left out: its vectors cannot lie in
// arrays.
#define HWY_BASELINE_TARGETS HWY_NEON
#include "kernels/gf256_simd-inl.h"

namespace boardcast {

constinit const Gf256Kernels kGf256Neon{"neon", HWY_STATIC_DISPATCH(MultiplyMany)};

}  // namespace boardcast
#endif
