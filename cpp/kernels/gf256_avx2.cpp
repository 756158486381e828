#if defined(__x86_64__)
#define HWY_BASELINE_TARGETS HWY_AVX2
#include "kernels/gf256_simd-inl.h"

namespace boardcast {

constinit const Gf256Kernels kGf256Avx2{"avx2", HWY_STATIC_DISPATCH(MultiplyMany)};

}  // namespace boardcast
#endif
