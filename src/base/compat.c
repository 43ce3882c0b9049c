#include "base/compat.h"

#include <stdio.h>
#include <stdlib.h>

void
check_failed(const char *what, const char *file, int line)
{
    (void)fprintf(stderr, "level=error event=bug file=%s:%d check=\"%s\"\n", file, line,
                  what);
    abort();
}
