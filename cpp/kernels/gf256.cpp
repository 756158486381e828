#include "kernels/gf256.h"

#include "kernels/gf256_targets.h"

namespace boardcast {
namespace {

struct Selection {
  std::array<const Gf256Kernels*, 4> kernels{};
  std::size_t count = 0;

  void Add(const Gf256Kernels& more) { kernels[count++] = &more; }
};

Selection Select() {
  Selection selection;
  selection.Add(kGf256Scalar);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("ssse3")) selection.Add(kGf256Ssse3);
  if (__builtin_cpu_supports("avx2")) selection.Add(kGf256Avx2);
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("gfni")) {
    selection.Add(kGf256Gfni);
  }
#elif defined(__ARM_NEON)
  selection.Add(kGf256Neon);
#endif
  return selection;
}

}  // namespace

std::span<const Gf256Kernels* const> AvailableGf256Kernels() {
  static const Selection selection = Select();
  return {selection.kernels.data(), selection.count};
}

const Gf256Kernels& Gf256() { return *AvailableGf256Kernels().back(); }

}  // namespace boardcast
