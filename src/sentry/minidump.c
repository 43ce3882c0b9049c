#include "sentry/minidump.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "sentry/answer.h"
#include "sentry/minidump_form.h"
#include "sentry/request.h"
#include "wire/multipart.h"

#define HEAD_BYTES 512U

struct crash {
    struct passage w;
    struct minidump_form form;
    struct multipart multipart;
    bool in_file;                   /* the part in hand is an attachment */
    const struct parcel_item *dump; /* NULL: none has come */
    bool next_is_dump;
};

static bool
is_dump(struct str name)
{
    return str_eq(name, STR("upload_file_minidump"));
}

/* A copy that outlives the head of its part. */
static struct str
keep(struct crash *c, struct str s)
{
    struct str copy;

    return arena_copy(c->w.in->arena, s, &copy) == 0 ? copy : STR_NONE;
}

static int
begin_file(struct crash *c, struct str name, struct str filename, struct str type,
           struct error *e)
{
    const struct envelope_item item = {
        .type = STR("attachment"),
        .filename = keep(c, filename.n > 0 ? filename : STR("minidump.dmp")),
        .content_type = keep(c, type),
        .attachment_type = is_dump(name) ? STR("event.minidump") : STR_NONE,
        .count = 1};

    c->in_file = true;
    c->next_is_dump = is_dump(name);
    return parcel_item(&c->w.parcel, &item, e);
}

static int
on_part(void *context, const struct multipart_part *part, struct error *e)
{
    struct crash *c = context;

    c->in_file = false;
    if (is_dump(part->name) || part->filename.n > 0)
        return begin_file(c, part->name, part->filename, part->content_type, e);
    return minidump_form_field(&c->form, part->name, e);
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct crash *c = context;

    if (c->in_file)
        return parcel_bytes(&c->w.parcel, p, n, e);
    if (n > c->form.values->max - c->form.values->n)
        return error_set(e, ERROR_TOO_LARGE, "payload too large: limit is %zu bytes",
                         c->form.values->max);
    buf_add(c->form.values, p, n);
    return c->form.values->failed ? error_no_memory(e) : 0;
}

static int
on_end(void *context, struct error *e)
{
    struct crash *c = context;

    (void)e;
    if (!c->in_file)
        return 0;
    if (c->next_is_dump && c->dump == NULL)
        c->dump = c->w.parcel.open;
    parcel_item_end(&c->w.parcel);
    return 0;
}

static int
feed_form(void *context, const char *p, size_t n, struct error *e)
{
    struct crash *c = context;

    return multipart_feed(&c->multipart, p, n, e);
}

static int
read_body(struct crash *c, struct error *e)
{
    const struct multipart_sink parts = {on_part, on_bytes, on_end, c};
    const struct ingest_settings *s = &c->w.in->settings;
    struct inflate_sink sink = {
        .take = on_bytes, .context = c, .limit = s->inflated_max_bytes};
    struct ingest_request *rq = c->w.rq;

    if (multipart_init(&c->multipart, rq->content_type, &parts) == 0) {
        sink.take = feed_form;
        if (body_stream(&rq->body, s->request_max_bytes, &sink, e) != 0)
            return -1;
        return multipart_finish(&c->multipart, e);
    }
    if (begin_file(c, STR("upload_file_minidump"), STR_NONE, rq->content_type, e) != 0 ||
        body_stream(&rq->body, s->request_max_bytes, &sink, e) != 0)
        return -1;
    return on_end(c, e);
}

/* Does it begin as a dump does, or as one that was packed? */
static bool
looks_like_dump(struct str head)
{
    static const struct str begins[] = {{"MDMP", 4},
                                        {"PMDM", 4},
                                        {"\xfd"
                                         "7zXZ",
                                         5},
                                        {"BZh", 3}};

    static const enum inflate_coding codings[] = {INFLATE_GZIP, INFLATE_ZSTD};

    for (size_t i = 0; i < COUNT_OF(begins); i++)
        if (str_starts(head, begins[i]))
            return true;
    for (size_t i = 0; i < COUNT_OF(codings); i++) {
        struct inflate *z = inflate_new(codings[i]);
        struct buf out = buf_init(4);
        struct error ignored;
        bool found;

        if (z != NULL)
            (void)!inflate_feed(z, head.p, head.n, &out, &ignored);
        found = out.n == 4 &&
                (memcmp(out.data, "MDMP", 4) == 0 || memcmp(out.data, "PMDM", 4) == 0);
        inflate_free(z);
        buf_release(&out);
        if (found)
            return true;
    }
    return false;
}

static int
check_dump(const struct crash *c, struct error *e)
{
    const struct parcel_item *dump = c->dump;
    struct buf head = buf_init(HEAD_BYTES);
    int rc;

    if (dump == NULL || dump->n == 0)
        return error_set(e, ERROR_MALFORMED, "missing minidump");
    if (dump->place == PARCEL_NOWHERE)
        return error_set(e, ERROR_TOO_LARGE, "minidump too large: limit is %zu bytes",
                         c->w.parcel.limits.attachment_max_bytes);
    rc = parcel_copy(&c->w.parcel, dump, 0, dump->n < HEAD_BYTES ? dump->n : HEAD_BYTES,
                     &head, e);
    if (rc == 0 && !looks_like_dump(buf_str(&head)))
        rc = error_set(e, ERROR_MALFORMED, "invalid minidump");
    buf_release(&head);
    return rc;
}

static int
take(struct crash *c, struct error *e)
{
    struct str event;

    if (read_body(c, e) != 0 || check_dump(c, e) != 0 ||
        minidump_form_event(&c->form, &event, e) != 0 ||
        parcel_text_item(&c->w.parcel, STR("event"), event, e) != 0)
        return -1;
    return delivery_run(c->w.in, &c->w.parcel, &c->w.delivery, e);
}

void
minidump_take(struct ingest *in, struct ingest_request *rq, struct answer *a,
              struct error *e)
{
    struct crash c = {.in_file = false};
    struct uuid *id = &c.w.delivery.id;
    int rc;

    passage_begin(&c.w, in, rq);
    c.w.never_limited = true;
    minidump_form_init(&c.form, in->arena, &in->spare, in->settings.event_max_bytes);
    rc = passage_enter(&c.w, e);
    if (rc == 0)
        rc = take(&c, e);
    if (rc != 0 && e->kind == ERROR_LIMITED) {
        rc = ids_new(clock_wall_us(), id, e);
        sentry_answer_limits(a, c.w.delivery.limited_s, 0);
    }
    if (rc == 0)
        sentry_answer_plain_id(a, id);
    passage_end(&c.w, rc, a, e);
}
