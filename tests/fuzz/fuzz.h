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

#include "base/budget.h"
#include "base/compat.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "event/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends each target, whose fuzz_one() looks at one input: the work that it took is at most
 * per_byte for each of its bytes, and `once` for any input (what a few bytes can ask for,
 * and the oracles). */
#define FUZZ_TARGET(per_byte, once)                                    \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)       \
    {                                                                  \
        int rc;                                                        \
                                                                       \
        budget_begin(0);                                               \
        rc = fuzz_one(data, size);                                     \
        CHECK(the_budget.spent <= (uint64_t)(per_byte)*size + (once)); \
        return rc;                                                     \
    }

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

/* The columns that every event has, of whichever endpoint. */
static inline void
fuzz_columns(const struct event *ev)
{
    CHECK(str_eq(ev->level, STR("fatal")) || str_eq(ev->level, STR("error")) ||
          str_eq(ev->level, STR("warning")) || str_eq(ev->level, STR("info")) ||
          str_eq(ev->level, STR("debug")));
    CHECK(ev->title.n > 0);
    fuzz_fit(ev->title, LIMIT_TITLE_CHARS);
    fuzz_fit(ev->message, LIMIT_MESSAGE_CHARS);
    fuzz_fit(ev->culprit, LIMIT_CULPRIT_CHARS);
    fuzz_fit(ev->environment, LIMIT_ENVIRONMENT_CHARS);
    fuzz_fit(ev->release, LIMIT_RELEASE_CHARS);
    fuzz_fit(ev->platform, LIMIT_PLATFORM_CHARS);
    fuzz_fit(ev->server_name, LIMIT_SERVER_NAME_CHARS);
    fuzz_fit(ev->transaction, LIMIT_TRANSACTION_CHARS);
    fuzz_fit(ev->user_id, LIMIT_USER_ID_CHARS);
}

#endif
