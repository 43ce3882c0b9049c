#include "sentry/cron.h"

#include <string.h>

#include "base/jsonout.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "event/checkin.h"
#include "sentry/answer.h"
#include "sentry/request.h"
#include "wire/query.h"

/* The values are checked before, and short; a configuration is as long as it was sent. */
#define ITEM_MAX_BYTES LIMIT_MIB

/* More than any value may have. */
#define VALUE_BYTES 1024U

static int
not_readable(const char *name, struct error *e)
{
    return error_set(e, ERROR_MALFORMED, "%s is too long, or not UTF-8", name);
}

/* Sets *out to a value of the query, unless it is missing. */
static int
read_value(const struct sentry_request *w, const char *name, struct str *out,
           struct error *e)
{
    struct str query = w->rq->auth.query;
    char value[VALUE_BYTES];
    int n = query_value(query, str_of(name), value, sizeof value);

    if (n < 0)
        return query_has(query, str_of(name)) ? not_readable(name, e) : 0;
    if (!utf8_valid((struct str){value, (size_t)n}, NULL) ||
        memchr(value, '\0', (size_t)n) != NULL)
        return not_readable(name, e);
    return arena_copy(w->in->arena, (struct str){value, (size_t)n}, out) == 0
               ? 0
               : error_no_memory(e);
}

static int
read_query(const struct sentry_request *w, struct checkin_texts *t, struct error *e)
{
    return read_value(w, "status", &t->status, e) != 0 ||
                   read_value(w, "check_in_id", &t->id, e) != 0 ||
                   read_value(w, "environment", &t->environment, e) != 0 ||
                   read_value(w, "duration", &t->duration, e) != 0
               ? -1
               : 0;
}

static int
collect(void *context, const char *p, size_t n, struct error *e)
{
    struct buf *body = context;

    buf_add(body, p, n);
    return body->failed ? error_no_memory(e) : 0;
}

/* An empty body says nothing. */
static int
read_body(struct sentry_request *w, struct checkin_texts *t, struct error *e)
{
    size_t max = item_type_find(STR("check_in"))->max_bytes;
    struct inflate_sink sink = {.take = collect, .context = &w->in->body, .limit = max};
    struct str text;

    w->in->body.max = max;
    if (body_stream(&w->rq->body, max, &sink, e) != 0)
        return e->kind == ERROR_TOO_LARGE ? body_too_large(max, e) : -1;
    if (w->in->body.n == 0)
        return 0;
    return arena_copy(w->in->arena, buf_str(&w->in->body), &text) != 0
               ? error_no_memory(e)
               : checkin_texts(w->in->arena, text, t, e);
}

/* Writes the check-in as an item of an envelope. */
static int
add_item(struct sentry_request *w, const struct checkin_texts *t, struct error *e)
{
    struct buf *b = &w->in->spare;
    struct checkin ignored;

    if (checkin_read(w->in->arena, t, &ignored, e) != 0)
        return -1;
    buf_clear(b, SIZE_MAX);
    b->max = ITEM_MAX_BYTES;
    buf_add_char(b, '{');
    jsonout_text(b, "monitor_slug", t->slug);
    jsonout_text(b, "status", t->status);
    jsonout_text(b, "check_in_id", t->id);
    jsonout_text(b, "environment", t->environment);
    jsonout_text(b, "duration", t->duration);
    jsonout_raw(b, "monitor_config", t->config.p == NULL ? STR("null") : t->config);
    buf_add_char(b, '}');
    return b->failed ? error_no_memory(e)
                     : items_add_text(&w->items, STR("check_in"), buf_str(b), e);
}

static int
take(struct sentry_request *w, bool has_body, struct error *e)
{
    struct checkin_texts t = {.slug = STR_NONE};

    if (auth_require(w->in, w->rq, &w->auth, e) != 0)
        return -1;
    sentry_request_introduce(w);
    if (read_query(w, &t, e) != 0 || (has_body && read_body(w, &t, e) != 0))
        return -1;
    t.slug = w->rq->path_monitor;
    if (!utf8_valid(t.slug, NULL))
        return error_set(e, ERROR_MALFORMED, "monitor_slug is not UTF-8");
    if (add_item(w, &t, e) != 0 ||
        sentry_submit(w->in, &w->items, &w->submission, e) != 0)
        return -1;
    return w->submission.taken > 0
               ? 0
               : error_set(e, ERROR_POISON, "the database refused this check-in");
}

static void
answer(struct ingest *in, struct ingest_request *rq, bool has_body, struct answer *a,
       struct error *e)
{
    struct sentry_request w;
    int rc;

    sentry_request_begin(&w, in, rq);
    w.never_limited = true;
    rc = take(&w, has_body, e);
    if (rc == 0) {
        a->status = 202;
        a->is_sentry = true;
        buf_clear(&a->body, SIZE_MAX);
    }
    sentry_request_end(&w, rc, a, e);
}

void
cron_take(struct ingest *in, struct ingest_request *rq, struct answer *a, struct error *e)
{
    answer(in, rq, true, a, e);
}

void
cron_take_query(struct ingest *in, struct ingest_request *rq, struct answer *a,
                struct error *e)
{
    answer(in, rq, false, a, e);
}
