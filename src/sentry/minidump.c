#include "sentry/minidump.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "sentry/answer.h"
#include "sentry/crashfiles.h"
#include "sentry/minidump_form.h"
#include "sentry/request.h"
#include "wire/multipart.h"

#define HEAD_BYTES 512U

/* Bytes of a dump that are looked at before it is taken for one: blank lines, and a line
 * with a boundary. */
#define LOOK_BYTES 128U

/* Whether a dump is a form itself, which is read as one, once: some uploaders wrap the
 * whole form of the crash handler again. */
enum nesting {
    NESTING_NONE,
    NESTING_UNKNOWN, /* c->look has its first bytes */
    NESTING_FORM
};

struct crash {
    struct sentry_request w;
    struct minidump_form form;
    struct multipart multipart, inner;
    struct multipart_sink inner_sink;
    bool in_file;                      /* the current part is an attachment */
    const struct collected_item *dump; /* NULL: not received yet */
    bool next_is_dump;
    enum nesting nesting; /* of the current part */
    char look[LOOK_BYTES];
    size_t looked;
    struct str filename, content_type; /* of the dump that is looked at */
};

static bool
is_dump(struct str name)
{
    return str_eq(name, STR("upload_file_minidump"));
}

/* A copy that outlives the headers of its part. */
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
    struct envelope_item item = {
        .type = STR("attachment"),
        .filename = keep(c, filename.n > 0 ? filename : STR("minidump.dmp")),
        .content_type = keep(c, type),
        .attachment_type = crashfiles_type(name),
        .count = 1};

    if (is_dump(name))
        item.attachment_type = STR("event.minidump");
    else if (item.attachment_type.p == NULL)
        item.attachment_type = crashfiles_type(filename);
    c->in_file = true;
    c->next_is_dump = is_dump(name);
    return items_begin(&c->w.items, &item, e);
}

/* A part of the form, or of the form in it. */
static int
on_inner_part(void *context, const struct multipart_part *part, struct error *e)
{
    struct crash *c = context;

    c->in_file = false;
    if (is_dump(part->name) || part->filename.n > 0 ||
        crashfiles_type(part->name).p != NULL)
        return begin_file(c, part->name,
                          part->filename.n > 0 || is_dump(part->name) ? part->filename
                                                                      : part->name,
                          part->content_type, e);
    return minidump_form_field(&c->form, part->name, e);
}

static int
on_inner_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct crash *c = context;

    if (c->in_file)
        return items_add_bytes(&c->w.items, p, n, e);
    if (n > c->form.values->max - c->form.values->n)
        return error_set(e, ERROR_TOO_LARGE, "payload too large: limit is %zu bytes",
                         c->form.values->max);
    buf_add(c->form.values, p, n);
    return c->form.values->failed ? error_no_memory(e) : 0;
}

static int
on_inner_end(void *context, struct error *e)
{
    struct crash *c = context;

    (void)e;
    if (!c->in_file)
        return 0;
    if (c->next_is_dump && c->dump == NULL)
        c->dump = c->w.items.open;
    items_end(&c->w.items);
    return 0;
}

/* Begins to look at a dump. */
static void
look(struct crash *c, struct str filename, struct str content_type)
{
    c->nesting = NESTING_UNKNOWN;
    c->looked = 0;
    c->filename = keep(c, filename);
    c->content_type = keep(c, content_type);
}

/* Takes what was looked at for a dump. */
static int
take_dump(struct crash *c, struct error *e)
{
    c->nesting = NESTING_NONE;
    if (begin_file(c, STR("upload_file_minidump"), c->filename, c->content_type, e) != 0)
        return -1;
    return c->looked == 0 ? 0 : on_inner_bytes(c, c->look, c->looked, e);
}

static int
on_part(void *context, const struct multipart_part *part, struct error *e)
{
    struct crash *c = context;

    c->nesting = NESTING_NONE;
    if (!is_dump(part->name))
        return on_inner_part(c, part, e);
    look(c, part->filename, part->content_type);
    return 0;
}

/* Returns the boundary in the first line that is not blank, absent when there is none;
 * *more: it takes more bytes to know. */
static struct str
find_boundary(const struct crash *c, bool *more)
{
    struct str rest = {c->look, c->looked}, line;

    while (rest.n > 0 && (rest.p[0] == '\r' || rest.p[0] == '\n'))
        rest = (struct str){rest.p + 1, rest.n - 1};
    *more = str_starts(STR("--"), rest);
    if (!str_starts(rest, STR("--")))
        return STR_NONE;
    rest = (struct str){rest.p + 2, rest.n - 2};
    line = str_cut(&rest, '\n');
    *more = rest.p == NULL;
    while (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return *more ? STR_NONE : line;
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct crash *c = context;

    while (n > 0 && c->nesting == NESTING_UNKNOWN) {
        struct str boundary;
        bool more;

        c->look[c->looked++] = *p++;
        n--;
        boundary = find_boundary(c, &more);
        if (more && c->looked < LOOK_BYTES)
            continue;
        if (boundary.p == NULL ||
            multipart_init_boundary(&c->inner, boundary, &c->inner_sink) != 0) {
            if (take_dump(c, e) != 0)
                return -1;
            break;
        }
        c->nesting = NESTING_FORM;
        if (multipart_feed(&c->inner, c->look, c->looked, e) != 0)
            return -1;
    }
    if (n == 0)
        return 0;
    return c->nesting == NESTING_FORM ? multipart_feed(&c->inner, p, n, e)
                                      : on_inner_bytes(c, p, n, e);
}

static int
on_end(void *context, struct error *e)
{
    struct crash *c = context;
    enum nesting nesting = c->nesting;

    c->nesting = NESTING_NONE;
    if (nesting == NESTING_FORM)
        return multipart_finish(&c->inner, e);
    if (nesting == NESTING_UNKNOWN && take_dump(c, e) != 0)
        return -1;
    return on_inner_end(c, e);
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

    c->inner_sink =
        (struct multipart_sink){on_inner_part, on_inner_bytes, on_inner_end, c};
    if (multipart_init(&c->multipart, rq->content_type, &parts) == 0) {
        sink.take = feed_form;
        if (body_stream(&rq->body, s->request_max_bytes, &sink, e) != 0)
            return -1;
        return multipart_finish(&c->multipart, e);
    }
    look(c, STR_NONE, rq->content_type);
    if (body_stream(&rq->body, s->request_max_bytes, &sink, e) != 0)
        return -1;
    return on_end(c, e);
}

/* Returns whether it begins like a dump, or like a compressed one. */
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
    const struct collected_item *dump = c->dump;
    struct buf head = buf_init(HEAD_BYTES);
    int rc;

    if (dump == NULL || dump->n == 0)
        return error_set(e, ERROR_MALFORMED, "missing minidump");
    if (dump->place == ITEMS_IN_NOWHERE)
        return error_set(e, ERROR_TOO_LARGE, "minidump too large: limit is %zu bytes",
                         c->w.items.limits.attachment_max_bytes);
    rc = items_copy(&c->w.items, dump, 0, dump->n < HEAD_BYTES ? dump->n : HEAD_BYTES,
                    &head, e);
    if (rc == 0 && !looks_like_dump(buf_str(&head)))
        rc = error_set(e, ERROR_MALFORMED, "invalid minidump");
    buf_release(&head);
    return rc;
}

/* With the files the event may be too large: then they stay attachments. */
static int
make_event(struct crash *c, struct str *event, struct error *e)
{
    struct crashfiles files;

    if (crashfiles_read(&c->w.items, &files, e) != 0 ||
        minidump_form_event(&c->form, files.object, files.count, event, e) != 0)
        return -1;
    if (files.count == 0)
        return 0;
    if (event->n > c->w.items.limits.event_max_bytes)
        return minidump_form_event(&c->form, NULL, 0, event, e);
    crashfiles_taken(&files);
    return 0;
}

static int
take(struct crash *c, struct error *e)
{
    struct str event;

    if (read_body(c, e) != 0 || check_dump(c, e) != 0 || make_event(c, &event, e) != 0 ||
        items_add_text(&c->w.items, STR("event"), event, e) != 0)
        return -1;
    return sentry_submit(c->w.in, &c->w.items, &c->w.submission, e);
}

void
minidump_take(struct ingest *in, struct ingest_request *rq, struct answer *a,
              struct error *e)
{
    struct crash c = {.in_file = false};
    struct uuid *id = &c.w.submission.id;
    int rc;

    sentry_request_begin(&c.w, in, rq);
    c.w.never_limited = true;
    minidump_form_init(&c.form, in->arena, &in->spare, in->settings.event_max_bytes);
    rc = sentry_request_enter(&c.w, e);
    if (rc == 0)
        rc = take(&c, e);
    if (rc != 0 && e->kind == ERROR_LIMITED) {
        rc = ids_new(clock_wall_us(), id, e);
        sentry_answer_limits(a, c.w.submission.limited_s, 0);
    }
    if (rc == 0)
        sentry_answer_plain_id(a, id);
    sentry_request_end(&c.w, rc, a, e);
}
