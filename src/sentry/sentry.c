#include "sentry/sentry.h"

#include "base/limits.h"
#include "event/event.h"
#include "event/normal.h"
#include "sentry/answer.h"
#include "sentry/request.h"
#include "sentry/storebody.h"

#define QUERY_TEXT_BYTES 256U

static int
on_header(void *context, const struct envelope_header *h, struct error *e)
{
    struct passage *w = context;
    struct delivery *d = &w->delivery;

    if (visitor_dsn(w->in, w->rq, &w->visitor, h->dsn, e) != 0)
        return -1;
    passage_introduce(w);
    d->has_id = h->has_id;
    d->id = h->id;
    if (h->sent_at.n > 0 && normal_time_text(h->sent_at, &d->sent_at_us) != 0)
        d->sent_at_us = EVENT_NO_TIME;
    return 0;
}

static int
on_item(void *context, const struct envelope_item *item, struct error *e)
{
    struct passage *w = context;

    return parcel_item(&w->parcel, item, e);
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct passage *w = context;

    return parcel_bytes(&w->parcel, p, n, e);
}

static int
on_end(void *context, struct error *e)
{
    struct passage *w = context;

    (void)e;
    parcel_item_end(&w->parcel);
    return 0;
}

static int
feed_envelope(void *context, const char *p, size_t n, struct error *e)
{
    struct passage *w = context;

    return envelope_feed(&w->envelope, p, n, e);
}

static int
read_envelope(struct passage *w, struct error *e)
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
answer_id(struct passage *w, struct answer *a)
{
    const struct delivery *d = &w->delivery;

    sentry_answer_id(a, d->has_id ? &d->id : NULL);
    sentry_answer_limits(a, d->limited_s, d->records_limited_s);
}

void
sentry_envelope(struct ingest *in, struct ingest_request *rq, struct answer *a,
                struct error *e)
{
    struct passage w;
    int rc;

    passage_begin(&w, in, rq);
    rc = visitor_read(in, rq, &w.visitor, e);
    if (rc == 0)
        rc = read_envelope(&w, e);
    if (rc == 0)
        rc = delivery_run(in, &w.parcel, &w.delivery, e);
    if (rc == 0)
        answer_id(&w, a);
    passage_end(&w, rc, a, e);
}

static int
collect(void *context, const char *p, size_t n, struct error *e)
{
    struct buf *body = context;

    buf_add(body, p, n);
    return body->failed ? error_no_memory(e) : 0;
}

/* Reads a body that is one text of at most event_max_bytes; `factor` times as many when
 * it may be packed in a way that is not in its headers. */
static int
read_text(struct passage *w, size_t factor, struct error *e)
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
store(struct passage *w, struct error *e)
{
    struct str text;

    w->delivery.strict_id = true;
    if (storebody_decode(&w->in->body, &w->in->spare, w->in->settings.event_max_bytes,
                         &text, e) != 0 ||
        parcel_text_item(&w->parcel, STR("event"), text, e) != 0)
        return -1;
    return delivery_run(w->in, &w->parcel, &w->delivery, e);
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
    struct passage w;
    int rc;

    if (is_envelope(rq->content_type)) {
        sentry_envelope(in, rq, a, e);
        return;
    }
    passage_begin(&w, in, rq);
    rc = passage_enter(&w, e);
    if (rc == 0)
        rc = read_text(&w, 2, e);
    if (rc == 0)
        rc = store(&w, e);
    if (rc == 0)
        answer_id(&w, a);
    passage_end(&w, rc, a, e);
}

/* The event out of the query: JSON is form-encoded, base64 may have its plus signs as
 * they are. */
static int
read_query(struct passage *w, struct error *e)
{
    struct str raw = authkey_query_raw(w->rq->auth.query, STR("sentry_data"));
    struct buf *body = &w->in->body;
    ptrdiff_t n = -1;
    char *to;

    if (raw.n == 0)
        return error_set(e, ERROR_MALFORMED, "missing sentry_data");
    to = buf_reserve(body, raw.n);
    if (to == NULL)
        return error_no_memory(e);
    n = authkey_decode(raw, true, to, raw.n);
    if (n > 0 && to[0] != '{')
        n = authkey_decode(raw, false, to, raw.n);
    if (n < 0)
        return error_set(e, ERROR_MALFORMED, "invalid sentry_data");
    body->n = (size_t)n;
    return 0;
}

void
sentry_store_get(struct ingest *in, struct ingest_request *rq, struct answer *a,
                 struct error *e)
{
    struct passage w;
    int rc;

    if (rq->origin.p == NULL) /* an image's request says only this */
        rq->origin = rq->referer;
    passage_begin(&w, in, rq);
    rc = passage_enter(&w, e);
    if (rc == 0)
        rc = read_query(&w, e);
    if (rc == 0)
        rc = store(&w, e);
    if (rc == 0)
        sentry_answer_pixel(a);
    passage_end(&w, rc, a, e);
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

/* What a report-uri says in its query. */
static struct str
query_text(const struct passage *w, struct str name, char out[QUERY_TEXT_BYTES])
{
    int n = authkey_query_value(w->rq->auth.query, name, out, QUERY_TEXT_BYTES);

    return n <= 0 ? STR_NONE : (struct str){out, (size_t)n};
}

static int
report(struct passage *w, struct error *e)
{
    char release[QUERY_TEXT_BYTES], environment[QUERY_TEXT_BYTES];

    if (!is_report(w->rq->content_type))
        return error_set(e, ERROR_ENCODING, "not a security report's content type");
    if (read_text(w, 1, e) != 0)
        return -1;
    if (w->in->body.n == 0)
        return error_set(e, ERROR_MALFORMED, "empty request body");
    w->delivery.release = query_text(w, STR("sentry_release"), release);
    w->delivery.environment = query_text(w, STR("sentry_environment"), environment);
    if (parcel_text_item(&w->parcel, STR("raw_security"), buf_str(&w->in->body), e) != 0)
        return -1;
    return delivery_run(w->in, &w->parcel, &w->delivery, e);
}

void
sentry_security(struct ingest *in, struct ingest_request *rq, struct answer *a,
                struct error *e)
{
    struct passage w;
    int rc;

    passage_begin(&w, in, rq);
    rc = passage_enter(&w, e);
    if (rc == 0)
        rc = report(&w, e);
    if (rc == 0)
        answer_id(&w, a);
    passage_end(&w, rc, a, e);
}
