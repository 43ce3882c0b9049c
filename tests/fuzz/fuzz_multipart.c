/*
 * fuzz_multipart: any bytes as a form; the first byte chooses how it is cut into pieces.
 *
 * What comes out must not depend on that; no part's body holds the boundary.
 */
#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "wire/multipart.h"

#define MAX_BYTES ((size_t)65536)

struct seen {
    struct buf text, body;
    bool in_part;
};

static int
on_part(void *context, const struct multipart_part *part, struct error *e)
{
    struct seen *s = context;

    (void)e;
    CHECK(!s->in_part);
    s->in_part = true;
    buf_clear(&s->body, SIZE_MAX);
    buf_add_char(&s->text, '<');
    if (part->name.n > 0)
        buf_add_str(&s->text, part->name);
    if (part->filename.n > 0)
        buf_add_str(&s->text, part->filename);
    if (part->content_type.n > 0)
        buf_add_str(&s->text, part->content_type);
    return 0;
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct seen *s = context;

    (void)e;
    CHECK(s->in_part && n > 0);
    buf_add(&s->text, p, n);
    buf_add(&s->body, p, n);
    return 0;
}

static int
on_end(void *context, struct error *e)
{
    struct seen *s = context;

    (void)e;
    CHECK(s->in_part);
    s->in_part = false;
    buf_add_char(&s->text, '>');
    CHECK(s->body.n < 5 || memmem(s->body.data, s->body.n, "\r\n--B", 5) == NULL);
    return 0;
}

static int
take(struct str bytes, size_t step, struct seen *s)
{
    const struct multipart_sink sink = {on_part, on_bytes, on_end, s};
    struct multipart m;
    struct error e;
    int rc = 0;

    CHECK(multipart_init(&m, STR("multipart/form-data; boundary=B"), &sink) == 0);
    for (size_t at = 0; at < bytes.n && rc == 0; at += step)
        rc = multipart_feed(&m, bytes.p + at, bytes.n - at < step ? bytes.n - at : step,
                            &e);
    if (rc == 0)
        rc = multipart_finish(&m, &e);
    CHECK(rc == 0 || e.kind == ERROR_MALFORMED);
    return rc;
}

static struct seen
blank(void)
{
    return (struct seen){buf_init(8 * MAX_BYTES), buf_init(MAX_BYTES), false};
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    struct seen whole = blank(), cut = blank();

    if (size > 0 && size <= MAX_BYTES) {
        struct str bytes = {(const char *)data + 1, size - 1};
        struct multipart ignored;
        int rc = take(bytes, MAX_BYTES, &whole);

        CHECK(take(bytes, 1 + data[0] % 9U, &cut) == rc);
        CHECK(str_eq(buf_str(&whole.text), buf_str(&cut.text)));
        (void)!multipart_init(&ignored, bytes, NULL);
    }
    buf_release(&whole.text);
    buf_release(&whole.body);
    buf_release(&cut.text);
    buf_release(&cut.body);
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
