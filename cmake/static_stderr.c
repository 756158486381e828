#include <stdio.h>

/* What static libraries print to instead of stderr; see third_party.cmake. */
FILE* boardcast_static_stderr;

__attribute__((constructor)) static void PointAtStderr(void) { boardcast_static_stderr = stderr; }
