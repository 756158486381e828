#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "capture/wav_reader.h"

// The whole reader over a file in memory: header, samples, resampling, and looping once around.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  static const int memory = ::memfd_create("wav_reader_fuzz", MFD_CLOEXEC);
  if (::ftruncate(memory, 0) != 0 || ::pwrite(memory, data, size, 0) < 0) return 0;
  ::lseek(memory, 0, SEEK_SET);
  FileReader file(UniqueFd(::dup(memory)), "fuzz.wav");
  auto reader = WavReader::Open(std::move(file), {.paced = false, .loop = true, .buffers = 1});
  if (!reader) return 0;
  for (int i = 0; i < 8; ++i) {
    const Result<AudioBlockLease> block = (*reader)->Read(Timestamp());
    if (!block) break;
    if ((**block).channels != (*reader)->channels()) std::abort();
  }
  return 0;
}
