/*
 * fuzz_query: any bytes as a query string; the first one is the room for the value.
 *
 * The value fits the room, and comes back when it is sent again with all of it escaped.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "fuzz.h"
#include "wire/authkey.h"
#include "wire/query.h"

static int
fuzz_one(const uint8_t *data, size_t size)
{
    const size_t room = size == 0 ? 0 : data[0];
    const struct str query = {(const char *)data + (size > 0 ? 1 : 0),
                              size > 0 ? size - 1 : 0};
    char *exact = malloc(room == 0 ? 1 : room);
    struct buf escaped = buf_init((size_t)4 * LIMIT_QUERY_VALUE_BYTES);
    int n;

    CHECK(exact != NULL);
    n = query_value(query, STR("sentry_key"), exact, room);
    CHECK(n >= -1 && (n < 0 || (size_t)n <= room));
    if (n >= 0) {
        char again[LIMIT_QUERY_VALUE_BYTES];

        buf_add_text(&escaped, "x&sentry_key=");
        for (int i = 0; i < n; i++)
            buf_add_f(&escaped, "%%%02x", (unsigned)(unsigned char)exact[i]);
        CHECK(!escaped.failed);
        CHECK(query_value(buf_str(&escaped), STR("sentry_key"), again, sizeof again) ==
              n);
        CHECK(memcmp(exact, again, (size_t)n) == 0);
    }
    buf_release(&escaped);
    free(exact);
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
