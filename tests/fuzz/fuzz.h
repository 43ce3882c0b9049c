/*
 * fuzz: what all fuzz targets share.
 *
 * A target reads its input as one client's bytes and CHECKs what must hold whatever they
 * are.  libFuzzer gives each input in a heap block of exactly its size.
 */
#ifndef MESHER_TESTS_FUZZ_H
#define MESHER_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compat.h"
#include "base/str.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What goes into a text column: valid UTF-8, no NUL, at most so many characters; or it is
 * absent. */
static inline void
fuzz_fit(struct str text, size_t max_chars)
{
    if (text.p == NULL)
        return;
    CHECK(utf8_valid(text, NULL) && utf8_count(text) <= max_chars);
    CHECK(text.n == 0 || memchr(text.p, '\0', text.n) == NULL);
}

#endif
