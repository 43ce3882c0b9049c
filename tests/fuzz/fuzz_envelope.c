/*
 * fuzz_envelope: any bytes as an envelope.
 *
 * What comes out must not depend on how the bytes were cut into pieces; parts come in
 * their order, a counted payload has as many bytes as its header says.  What the items
 * hold is then read as the endpoints read it.
 */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "event/envelope.h"
#include "event/event.h"
#include "event/item_type.h"
#include "event/release_health.h"
#include "event/reports.h"
#include "event/security.h"
#include "fuzz.h"

#define MAX_BYTES ((size_t)65536)

static struct arena *arena;

/* What the sink was given, as one text; and what it knows of the order. */
struct seen {
    struct buf text;
    struct buf payload;
    bool in_item, has_length;
    size_t length;
    const struct item_type *type;
    bool read; /* read the payloads, too */
};

static int
on_header(void *context, const struct envelope_header *h, struct error *e)
{
    struct seen *s = context;

    (void)e;
    CHECK(s->text.n == 0);
    buf_add_f(&s->text, "H%d", h->has_id);
    if (h->dsn.p != NULL)
        buf_add_str(&s->text, h->dsn);
    return 0;
}

static int
on_item(void *context, const struct envelope_item *item, struct error *e)
{
    struct seen *s = context;

    (void)e;
    CHECK(s->text.n > 0 && !s->in_item && item->type.p != NULL && item->count > 0);
    s->in_item = true;
    s->has_length = item->has_length;
    s->length = item->length;
    s->type = item_type_find(item->type);
    buf_clear(&s->payload, SIZE_MAX);
    buf_add_char(&s->text, '[');
    buf_add_str(&s->text, item->type);
    return 0;
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct seen *s = context;

    (void)e;
    CHECK(s->in_item && n > 0);
    buf_add(&s->text, p, n);
    buf_add(&s->payload, p, n);
    return 0;
}

static void
on_dropped(void *context, int64_t count)
{
    (void)context;
    CHECK(count > 0);
}

static int
on_fact(void *context, const struct release_health_fact *f, struct error *e)
{
    (void)context;
    (void)e;
    CHECK(f->release.n > 0 && f->environment.p != NULL && f->hour_us % 3600000000 == 0);
    CHECK(f->user_bit >= -1 && f->user_bit < 16384);
    CHECK(f->total >= 0 && f->crashed >= 0 && f->errored >= 0 && f->abnormal >= 0);
    return 0;
}

static int
on_discarded(void *context, struct str reason, struct str category, int64_t quantity,
             struct error *e)
{
    (void)context;
    (void)e;
    CHECK(reason.n > 0 && category.n > 0 && quantity > 0);
    return 0;
}

static void
read_payload(const struct seen *s)
{
    const struct release_health_clock clock = {INT64_C(1800000000000000), EVENT_NO_TIME};
    const struct release_health_sink sink = {on_fact, on_dropped, NULL};
    const struct security_about about = {STR_NONE, STR_NONE, STR_NONE};
    struct str text = buf_str(&s->payload), out[SECURITY_MAX];
    struct reports_user report;
    struct error e;
    size_t count;

    if (s->type->action == ITEM_SESSION || s->type->action == ITEM_SESSIONS)
        (void)!release_health_read(arena, text, s->type->action == ITEM_SESSIONS, &clock,
                                   &sink, &e);
    else if (s->type->action == ITEM_CLIENT_REPORT)
        CHECK(reports_client(arena, text, on_discarded, NULL, &e) == 0);
    else if (s->type->action == ITEM_USER_REPORT || s->type->action == ITEM_FEEDBACK)
        (void)!reports_user(arena, text, s->type->action == ITEM_FEEDBACK, &report, &e);
    else if (s->type->action == ITEM_SECURITY &&
             security_events(arena, text, &about, out, &count, &e) == 0)
        CHECK(count > 0 && count <= SECURITY_MAX);
}

static int
on_end(void *context, struct error *e)
{
    struct seen *s = context;

    (void)e;
    CHECK(s->in_item && (!s->has_length || s->payload.n == s->length));
    s->in_item = false;
    buf_add_char(&s->text, ']');
    if (s->read)
        read_payload(s);
    return 0;
}

static int
take(struct str bytes, size_t step, struct seen *s)
{
    const struct envelope_sink sink = {on_header, on_item, on_bytes, on_end, s};
    struct envelope v;
    struct error e;
    int rc = 0;

    buf_clear(&s->text, SIZE_MAX);
    s->in_item = false;
    arena_reset(arena);
    envelope_init(&v, arena, &sink);
    for (size_t at = 0; at < bytes.n && rc == 0; at += step)
        rc = envelope_feed(&v, bytes.p + at, bytes.n - at < step ? bytes.n - at : step,
                           &e);
    if (rc == 0)
        rc = envelope_finish(&v, &e);
    envelope_release(&v);
    CHECK(rc == 0 || e.kind == ERROR_MALFORMED || e.kind == ERROR_TOO_LARGE);
    CHECK(rc != 0 || !s->in_item);
    return rc;
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    struct seen whole = {
        .text = buf_init(2 * MAX_BYTES), .payload = buf_init(MAX_BYTES), .read = true};
    struct seen cut = {.text = buf_init(2 * MAX_BYTES), .payload = buf_init(MAX_BYTES)};
    struct str bytes = {(const char *)data, size};
    size_t step = size == 0 ? 1 : 1 + data[size - 1] % 9U;

    if (arena == NULL)
        arena = arena_new(1 << 16, 1 << 26);
    CHECK(arena != NULL);
    if (size <= MAX_BYTES) {
        int rc = take(bytes, MAX_BYTES, &whole);

        CHECK(take(bytes, step, &cut) == rc);
        CHECK(rc != 0 || str_eq(buf_str(&whole.text), buf_str(&cut.text)));
    }
    buf_release(&whole.text);
    buf_release(&whole.payload);
    buf_release(&cut.text);
    buf_release(&cut.payload);
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
