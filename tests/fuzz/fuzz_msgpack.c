/*
 * fuzz_msgpack: any bytes as values of MessagePack, one after the other.
 *
 * What is read is JSON, once its bytes are UTF-8, and no larger than the reader of crash
 * files assumes; each value takes at least one byte.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "fuzz.h"
#include "json/repair.h"
#include "json/scan.h"
#include "wire/msgpack.h"

#define MAX_BYTES ((size_t)65536)

static int
fuzz_one(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(4096, 64 * MAX_BYTES);
    struct str in = {(const char *)data, size};

    CHECK(a != NULL);
    while (size <= MAX_BYTES && in.n > 0) {
        struct buf out = buf_init(8 * in.n + LIMIT_KIB);
        size_t before = in.n;
        int rc = msgpack_json(&in, &out);
        struct str text, value;
        struct error e;

        CHECK(!out.failed);
        if (rc == 0) {
            CHECK(in.n < before);
            CHECK(repair_text(a, buf_str(&out), false, &text, &e) == 0);
            CHECK(scan_value(text, MSGPACK_DEPTH_MAX, &value, &e) == 0);
            CHECK(value.n == text.n);
        } else {
            in.n = 0;
        }
        buf_release(&out);
        arena_reset(a);
    }
    arena_free(a);
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
