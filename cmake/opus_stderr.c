#include <stdio.h>

/* libopus prints a failed assertion here; see third_party.cmake. */
FILE* boardcast_opus_stderr;

__attribute__((constructor)) static void PointOpusAtStderr(void) {
  boardcast_opus_stderr = stderr;
}
