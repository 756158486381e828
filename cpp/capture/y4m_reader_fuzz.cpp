#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "capture/y4m_reader.h"

// The whole reader over a file in memory: header, frames, and looping once around.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boardcast;
  static const int memory = ::memfd_create("y4m_reader_fuzz", MFD_CLOEXEC);
  if (::ftruncate(memory, 0) != 0 || ::pwrite(memory, data, size, 0) < 0) return 0;
  ::lseek(memory, 0, SEEK_SET);
  FileReader file(UniqueFd(::dup(memory)), "fuzz.y4m");
  auto reader = Y4mReader::Open(std::move(file), {.paced = false, .loop = true, .buffers = 1});
  if (!reader) return 0;
  const VideoFormat& format = (*reader)->format();
  for (int i = 0; i < 8; ++i) {
    const Result<VideoFrameLease> frame = (*reader)->Read(Timestamp());
    if (!frame) break;
    if ((**frame).width != format.width || (**frame).height != format.height) std::abort();
  }
  return 0;
}
