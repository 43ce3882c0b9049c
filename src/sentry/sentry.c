#include "sentry/sentry.h"

#include "base/limits.h"
#include "event/event.h"
#include "event/normal.h"
#include "json/scan.h"
#include "sentry/answer.h"
#include "sentry/request.h"
#include "sentry/storebody.h"
#include "wire/query.h"

#define QUERY_TEXT_BYTES 256U

static int
on_header(void *context, const struct envelope_header *h, struct error *e)
{
    struct sentry_request *w = context;
    struct sentry_submission *d = &w->submission;

    if (auth_dsn(w->in, w->rq, &w->auth, h->dsn, e) != 0)
        return -1;
    sentry_request_introduce(w);
    d->has_id = h->has_id;
    d->id = h->id;
    if (h->sent_at.n > 0 && normal_time_text(h->sent_at, &d->sent_at_us) != 0)
        d->sent_at_us = EVENT_NO_TIME;
    return 0;
}

static int
on_item(void *context, const struct envelope_item *item, struct error *e)
{
    struct sentry_request *w = context;

    return items_begin(&w->items, item, e);
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct sentry_request *w = context;

    return items_add_bytes(&w->items, p, n, e);
}

static int
on_end(void *context, struct error *e)
{
    struct sentry_request *w = context;

    (void)e;
    items_end(&w->items);
    return 0;
}

static int
feed_envelope(void *context, const char *p, size_t n, struct error *e)
{
    struct sentry_request *w = context;

    return envelope_feed(&w->envelope, p, n, e);
}

static int
read_envelope(struct sentry_request *w, struct error *e)
{
    const struct ingest_settings *s = &w->in->settings;
    const struct envelope_sink parts = {on_header, on_item, on_bytes, on_end, w};
    struct inflate_sink sink = {
        .take = feed_envelope, .context = w, .limit = s->inflated_max_bytes};

    envelope_init(&w->envelope, w->in->arena, &parts);
    if (body_stream(&w->rq->body, s->request_max_bytes, &sink, e) != 0)
        return -1;
    if (sink.taken == 0)
        return error_set(e, ERROR_MALFORMED, "empty request body");
    return envelope_finish(&w->envelope, e);
}

static void
answer_id(struct sentry_request *w, struct answer *a)
{
    const struct sentry_submission *d = &w->submission;

    sentry_answer_id(a, d->has_id ? &d->id : NULL);
    sentry_answer_limits(a, d->limited_s, d->records_limited_s);
}

void
sentry_envelope(struct ingest *in, struct ingest_request *rq, struct answer *a,
                struct error *e)
{
    struct sentry_request w;
    int rc;

    sentry_request_begin(&w, in, rq);
    rc = auth_read(in, rq, &w.auth, e);
    if (rc == 0)
        rc = read_envelope(&w, e);
    if (rc == 0)
        rc = sentry_submit(in, &w.items, &w.submission, e);
    if (rc == 0)
        answer_id(&w, a);
    sentry_request_end(&w, rc, a, e);
}

static int
collect(void *context, const char *p, size_t n, struct error *e)
{
    struct buf *body = context;

    buf_add(body, p, n);
    return body->failed ? error_no_memory(e) : 0;
}

/* Reads a body that is one text of at most event_max_bytes; `factor` times as many when
 * it may be compressed without a header that says so. */
static int
read_text(struct sentry_request *w, size_t factor, struct error *e)
{
    size_t max = factor * w->in->settings.event_max_bytes;
    struct inflate_sink sink = {.take = collect, .context = &w->in->body, .limit = max};

    w->in->body.max = max;
    if (body_stream(&w->rq->body, max, &sink, e) == 0)
        return 0;
    return e->kind == ERROR_TOO_LARGE ? body_too_large(w->in->settings.event_max_bytes, e)
                                      : -1;
}

static int
store(struct sentry_request *w, struct error *e)
{
    struct str text;

    w->submission.strict_id = true;
    if (storebody_decode(&w->in->body, &w->in->spare, w->in->settings.event_max_bytes,
                         &text, e) != 0 ||
        items_add_text(&w->items, STR("event"), text, e) != 0)
        return -1;
    return sentry_submit(w->in, &w->items, &w->submission, e);
}

static bool
is_envelope(struct str content_type)
{
    return str_eq_nocase(str_trim(str_cut(&content_type, ';')),
                         STR("application/x-sentry-envelope"));
}

void
sentry_store(struct ingest *in, struct ingest_request *rq, struct answer *a,
             struct error *e)
{
    struct sentry_request w;
    int rc;

    if (is_envelope(rq->content_type)) {
        sentry_envelope(in, rq, a, e);
        return;
    }
    sentry_request_begin(&w, in, rq);
    rc = sentry_request_enter(&w, e);
    if (rc == 0)
        rc = read_text(&w, 2, e);
    if (rc == 0)
        rc = store(&w, e);
    if (rc == 0)
        answer_id(&w, a);
    sentry_request_end(&w, rc, a, e);
}

/* Reads the event from the query: JSON is form-encoded; base64 may contain plus signs
 * unchanged. */
static int
read_query(struct sentry_request *w, struct error *e)
{
    struct str raw = query_raw(w->rq->auth.query, STR("sentry_data"));
    struct buf *body = &w->in->body;
    ptrdiff_t n = -1;
    char *to;

    if (raw.n == 0)
        return error_set(e, ERROR_MALFORMED, "missing sentry_data");
    to = buf_reserve(body, raw.n);
    if (to == NULL)
        return error_no_memory(e);
    n = query_decode(raw, true, to, raw.n);
    if (n > 0 && !str_starts(scan_skip_mark((struct str){to, (size_t)n}), STR("{")))
        n = query_decode(raw, false, to, raw.n);
    if (n < 0)
        return error_set(e, ERROR_MALFORMED, "invalid sentry_data");
    body->n = (size_t)n;
    return 0;
}

void
sentry_store_get(struct ingest *in, struct ingest_request *rq, struct answer *a,
                 struct error *e)
{
    struct sentry_request w;
    int rc;

    if (rq->origin.p == NULL) /* the request for an image says only this */
        rq->origin = rq->referer;
    sentry_request_begin(&w, in, rq);
    rc = sentry_request_enter(&w, e);
    if (rc == 0)
        rc = read_query(&w, e);
    if (rc == 0)
        rc = store(&w, e);
    if (rc == 0)
        sentry_answer_pixel(a);
    sentry_request_end(&w, rc, a, e);
}

static bool
is_report(struct str content_type)
{
    static const char *const types[] = {"application/json",
                                        "application/csp-report",
                                        "application/reports+json",
                                        "application/expect-ct-report",
                                        "application/expect-ct-report+json",
                                        "application/expect-staple-report",
                                        "application/expect-staple-report+json"};
    struct str type = str_trim(str_cut(&content_type, ';'));

    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_eq_nocase(type, str_of(types[i])))
            return true;
    return type.n == 0;
}

/* Returns a value from the query of a report-uri. */
static struct str
query_text(const struct sentry_request *w, struct str name, char out[QUERY_TEXT_BYTES])
{
    int n = query_value(w->rq->auth.query, name, out, QUERY_TEXT_BYTES);

    return n <= 0 ? STR_NONE : (struct str){out, (size_t)n};
}

static int
report(struct sentry_request *w, struct error *e)
{
    char release[QUERY_TEXT_BYTES], environment[QUERY_TEXT_BYTES];

    if (!is_report(w->rq->content_type))
        return error_set(e, ERROR_ENCODING, "not a security report's content type");
    if (read_text(w, 1, e) != 0)
        return -1;
    if (w->in->body.n == 0)
        return error_set(e, ERROR_MALFORMED, "empty request body");
    w->submission.release = query_text(w, STR("sentry_release"), release);
    w->submission.environment = query_text(w, STR("sentry_environment"), environment);
    if (items_add_text(&w->items, STR("raw_security"), buf_str(&w->in->body), e) != 0)
        return -1;
    return sentry_submit(w->in, &w->items, &w->submission, e);
}

void
sentry_security(struct ingest *in, struct ingest_request *rq, struct answer *a,
                struct error *e)
{
    struct sentry_request w;
    int rc;

    sentry_request_begin(&w, in, rq);
    rc = sentry_request_enter(&w, e);
    if (rc == 0)
        rc = report(&w, e);
    if (rc == 0)
        answer_id(&w, a);
    sentry_request_end(&w, rc, a, e);
}
