#include "sentry/attach.h"

#include "sentry/answer.h"
#include "sentry/request.h"
#include "wire/multipart.h"

struct upload {
    struct sentry_request w;
    struct multipart multipart;
};

static int
on_part(void *context, const struct multipart_part *part, struct error *e)
{
    struct upload *u = context;
    struct envelope_item item = {.type = STR("attachment"), .count = 1};

    /* Copies outlive the headers of the part. */
    if (arena_copy(u->w.in->arena, part->filename.n > 0 ? part->filename : part->name,
                   &item.filename) != 0 ||
        arena_copy(u->w.in->arena, part->content_type, &item.content_type) != 0)
        return error_no_memory(e);
    return items_begin(&u->w.items, &item, e);
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct upload *u = context;

    return items_add_bytes(&u->w.items, p, n, e);
}

/* Unlike in an envelope there is nothing else that could be accepted. */
static int
on_end(void *context, struct error *e)
{
    struct upload *u = context;

    if (u->w.items.open->place == ITEMS_IN_NOWHERE)
        return error_set(e, ERROR_TOO_LARGE, "attachment too large: limit is %zu bytes",
                         u->w.items.limits.attachment_max_bytes);
    items_end(&u->w.items);
    return 0;
}

static int
feed(void *context, const char *p, size_t n, struct error *e)
{
    struct upload *u = context;

    return multipart_feed(&u->multipart, p, n, e);
}

static int
read_files(struct upload *u, struct error *e)
{
    const struct multipart_sink parts = {on_part, on_bytes, on_end, u};
    const struct ingest_settings *s = &u->w.in->settings;
    struct inflate_sink sink = {
        .take = feed, .context = u, .limit = s->inflated_max_bytes};
    struct ingest_request *rq = u->w.rq;

    if (multipart_init(&u->multipart, rq->content_type, &parts) != 0)
        return error_set(e, ERROR_ENCODING, "not a form with files");
    if (body_stream(&rq->body, s->request_max_bytes, &sink, e) != 0 ||
        multipart_finish(&u->multipart, e) != 0)
        return -1;
    return u->w.items.first != NULL
               ? 0
               : error_set(e, ERROR_MALFORMED, "no files in the form");
}

static int
take(struct upload *u, struct error *e)
{
    struct sentry_submission *d = &u->w.submission;

    if (auth_require(u->w.in, u->w.rq, &u->w.auth, e) != 0)
        return -1;
    sentry_request_introduce(&u->w);
    d->has_id = ids_parse_event(u->w.rq->path_event, &d->id) == 0;
    if (!d->has_id)
        return error_set(e, ERROR_MALFORMED, "invalid event id in the path");
    return read_files(u, e) != 0 ? -1 : sentry_submit(u->w.in, &u->w.items, d, e);
}

void
attach_take(struct ingest *in, struct ingest_request *rq, struct answer *a,
            struct error *e)
{
    struct upload u = {.w = {.in = in}};
    int rc;

    sentry_request_begin(&u.w, in, rq);
    rc = take(&u, e);
    if (rc == 0) {
        sentry_answer_id(a, &u.w.submission.id);
        a->status = 201;
    }
    sentry_request_end(&u.w, rc, a, e);
}
