/*
 * fuzz_store: any bytes as the body of a /store/ request.
 *
 * What is taken is within the limit and is the body itself when that begins as JSON.
 */
#include "base/buf.h"
#include "fuzz.h"
#include "sentry/storebody.h"

#define MAX_BYTES 65536U
#define LIMIT 20000U

static int
fuzz_one(const uint8_t *data, size_t size)
{
    struct buf body = buf_init(MAX_BYTES), spare = buf_init(LIMIT);
    struct str out;
    struct error e;

    if (size > MAX_BYTES)
        return 0;
    buf_add(&body, data, size);
    if (storebody_decode(&body, &spare, LIMIT, &out, &e) == 0) {
        CHECK(out.p != NULL && out.n <= LIMIT);
        CHECK(size == 0 || data[0] != '{' || (out.p == body.data && out.n == size));
    } else {
        CHECK(e.kind == ERROR_MALFORMED || e.kind == ERROR_TOO_LARGE);
        CHECK(e.kind != ERROR_TOO_LARGE || size > 20);
    }
    buf_release(&body);
    buf_release(&spare);
    return 0;
}

FUZZ_TARGET(100, 8 * LIMIT_MIB)
