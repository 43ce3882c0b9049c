#include "ingest/ingest.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/budget.h"
#include "base/clock.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "ingest/bulk_answer.h"
#include "ingest/internal.h"
#include "json/bulk.h"

#define ARENA_FIRST_BYTES (64 * LIMIT_KIB)
#define ARENA_MAX_BYTES (64 * LIMIT_MIB)
#define KEEP_BYTES (256 * LIMIT_KIB)

struct ingest *
ingest_new(const struct ingest_settings *settings)
{
    struct ingest *in = calloc(1, sizeof *in);

    if (in == NULL)
        return NULL;
    in->settings = *settings;
    in->access = access_new(settings->submit);
    in->arena = arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
    in->pack = pack_new(settings->compression_level);
    in->body = buf_init(0);
    in->frame = buf_init(FRAME_MAX_BYTES);
    in->spare = buf_init(0);
    if (in->access == NULL || in->arena == NULL || in->pack == NULL) {
        ingest_free(in);
        return NULL;
    }
    return in;
}

void
ingest_free(struct ingest *in)
{
    if (in == NULL)
        return;
    access_free(in->access);
    arena_free(in->arena);
    pack_free(in->pack);
    buf_release(&in->body);
    buf_release(&in->frame);
    buf_release(&in->spare);
    free(in);
}

int
ingest_authorize(struct ingest *in, struct ingest_request *rq, struct error *e)
{
    struct key key;

    if (authkey_find(&rq->auth, &key, e) == 0 &&
        access_project(in->access, &key, &rq->project, e) == 0)
        return 0;
    if (e->kind == ERROR_UNAUTHORIZED)
        submit_count_error(in->settings.submit, 0, e);
    return -1;
}

/* Checks the sender and the limit, before any byte of the body. */
static int
let_in(struct ingest *in, struct ingest_request *rq, struct error *e)
{
    if (ingest_authorize(in, rq, e) != 0 ||
        access_origin(in->access, rq->project, rq->origin, e) != 0)
        return -1;
    if (access_limit(in->access, rq->project, e) == 0)
        return 0;
    submit_count_error(in->settings.submit, rq->project, e);
    return -1;
}

int
ingest_submit(struct ingest *in, int64_t project, struct verdict *v, size_t count,
              size_t events, struct error *e)
{
    int64_t asked_ms = clock_now_ms();

    if (submit_run(in->settings.submit, &in->frame, v, count, e) != 0)
        return -1;
    access_learn(in->access, project, asked_ms, v, events);
    submit_count_verdicts(in->settings.submit, project, &in->frame, v, events);
    return 0;
}

void
ingest_charge(struct ingest *in, int64_t project, struct error *e)
{
    struct verdict v;
    struct error other;

    if (!prepare_is_charged(e))
        return;
    prepare_charge(project, &in->frame);
    if (!in->frame.failed && ingest_submit(in, project, &v, 1, 1, &other) == 0 &&
        v.status == VERDICT_LIMITED && access_verdict_error(&v, &other) != 0)
        *e = other;
    else
        submit_count_error(in->settings.submit, project, e);
}

void
ingest_tidy(struct ingest *in)
{
    arena_reset(in->arena);
    buf_clear(&in->body, KEEP_BYTES);
    buf_clear(&in->frame, KEEP_BYTES);
    buf_clear(&in->spare, KEEP_BYTES);
}

int
ingest_prepare(const struct ingest *in, int64_t project, struct prepare *out,
               struct error *e)
{
    *out = (struct prepare){.arena = in->arena,
                            .pack = in->pack,
                            .project = project,
                            .now_us = clock_wall_us(),
                            .grouping = {.rules = in->settings.rules}};
    prepare_settings(out, in->access);
    return access_scrub(in->access, project, &out->scrub, e);
}

/* Reads and parses one event, and writes it into the frame. */
static int
take_event(struct ingest *in, const struct ingest_request *rq, struct prepare_id *id,
           struct error *e)
{
    struct prepare p;

    if (body_read(&rq->body, LIMIT_EVENT_BYTES, &in->body, e) != 0 ||
        ingest_prepare(in, rq->project, &p, e) != 0)
        return -1;
    return prepare_event(&p, buf_str(&in->body), &in->frame, id, e);
}

void
ingest_event(struct ingest *in, struct ingest_request *rq, struct answer *a,
             struct error *e)
{
    struct prepare_id id;
    struct verdict v = {.status = VERDICT_UNAVAILABLE};

    *e = (struct error){.kind = ERROR_NONE};
    if (let_in(in, rq, e) != 0) {
        answer_error(a, e);
        return;
    }
    if (take_event(in, rq, &id, e) != 0) {
        ingest_charge(in, rq->project, e);
        answer_error(a, e);
    } else if (ingest_submit(in, rq->project, &v, 1, 1, e) != 0 ||
               access_verdict_error(&v, e) != 0) {
        answer_error(a, e);
    } else {
        answer_accepted(a, &id.id);
    }
    ingest_tidy(in);
}

static bool
is_ndjson(struct str content_type)
{
    struct str type = str_trim(str_cut(&content_type, ';'));

    return str_eq_nocase(type, STR("application/x-ndjson")) ||
           str_eq_nocase(type, STR("application/ndjson")) ||
           str_eq_nocase(type, STR("application/jsonl"));
}

static int
read_bulk(struct ingest *in, const struct ingest_request *rq, struct str **texts,
          size_t *count, struct error *e)
{
    bool lines = is_ndjson(rq->content_type);

    /* A truncated body without a length looks complete here, and its last complete line
     * is valid. */
    if (lines && body_is_unannounced(&rq->body) && !in->settings.trust_end_of_stream)
        return error_set(e, ERROR_LENGTH, "NDJSON needs a Content-Length here");
    if (body_read(&rq->body, in->settings.bulk_max_bytes, &in->body, e) != 0)
        return -1;
    if (lines)
        return bulk_lines(in->arena, buf_str(&in->body), in->settings.bulk_max_events,
                          texts, count, e);
    return bulk_array(in->arena, buf_str(&in->body), in->settings.bulk_max_events, texts,
                      count, e);
}

/* Reads the bulk and writes its events into the frame.  -1: it is refused as a whole. */
static int
take_bulk(struct ingest *in, const struct ingest_request *rq, struct bulk *bulk,
          struct error *e)
{
    struct prepare p;
    struct str *texts = NULL;

    if (read_bulk(in, rq, &texts, &bulk->count, e) != 0)
        return -1;
    bulk->items = arena_array(in->arena, bulk->count, sizeof bulk->items[0]);
    bulk->verdicts = arena_array(in->arena, bulk->count, sizeof bulk->verdicts[0]);
    if (bulk->items == NULL || bulk->verdicts == NULL)
        return error_no_memory(e);
    if (ingest_prepare(in, rq->project, &p, e) != 0)
        return -1;
    return prepare_bulk(&p, texts, bulk->count, &in->frame, bulk->items, e);
}

void
ingest_bulk(struct ingest *in, struct ingest_request *rq, struct answer *a,
            struct error *e)
{
    struct bulk bulk = {0};

    *e = (struct error){.kind = ERROR_NONE};
    if (let_in(in, rq, e) != 0) {
        answer_error(a, e);
        return;
    }
    if (take_bulk(in, rq, &bulk, e) != 0) {
        ingest_charge(in, rq->project, e);
        if (e->kind == ERROR_MALFORMED && bulk.items != NULL)
            bulk_answer_refused(&bulk, e, a);
        else
            answer_error(a, e);
    } else if (ingest_submit(in, rq->project, bulk.verdicts, bulk.count, bulk.count, e) !=
               0) {
        answer_error(a, e);
    } else {
        bulk_count(&bulk, in->settings.submit, rq->project);
        bulk_answer(&bulk, a, e);
    }
    ingest_tidy(in);
}

int
ingest_own(struct ingest *in, int64_t project, struct str text, struct error *e)
{
    struct verdict v = {.status = VERDICT_UNAVAILABLE};
    struct prepare_id id;
    struct prepare p;
    int rc = -1;

    budget_begin(0);
    if (ingest_prepare(in, project, &p, e) == 0 &&
        prepare_event(&p, text, &in->frame, &id, e) == 0 &&
        ingest_submit(in, project, &v, 1, 1, e) == 0)
        rc = access_verdict_error(&v, e);
    ingest_tidy(in);
    return rc;
}
