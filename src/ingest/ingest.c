#include "ingest/ingest.h"

#include <stdlib.h>
#include <sys/random.h>

#include "admit/keycache.h"
#include "admit/verdict.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "event/bulk.h"
#include "event/event.h"
#include "ingest/bulk_answer.h"
#include "wire/pack.h"

#define KEY_SETS 256U
#define ARENA_FIRST_BYTES (64 * LIMIT_KIB)
#define ARENA_MAX_BYTES (64 * LIMIT_MIB)
#define KEEP_BYTES (256 * LIMIT_KIB)

struct ingest {
    struct ingest_settings settings;
    struct keycache *keys;
    struct verdict_table refused;
    struct arena *arena;
    struct pack *pack;
    struct buf body, frame;
};

struct ingest *
ingest_new(const struct ingest_settings *settings)
{
    struct ingest *in = calloc(1, sizeof *in);
    uint64_t seed = 0;

    if (in == NULL)
        return NULL;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)clock_wall_us();
    in->settings = *settings;
    in->keys = keycache_new(KEY_SETS, KEYCACHE_TTL_MS, seed);
    in->arena = arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
    in->pack = pack_new(settings->compression_level);
    in->body = buf_init(0);
    in->frame = buf_init(FRAME_MAX_BYTES);
    if (in->keys == NULL || in->arena == NULL || in->pack == NULL) {
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
    keycache_free(in->keys);
    arena_free(in->arena);
    pack_free(in->pack);
    buf_release(&in->body);
    buf_release(&in->frame);
    free(in);
}

static int
unauthorized(struct error *e, const char *why)
{
    error_set(e, ERROR_UNAUTHORIZED, "unauthorized");
    return error_detail(e, "%s", why);
}

static int
limited(int64_t retry_ms, struct error *e)
{
    error_set(e, ERROR_LIMITED, "rate limited");
    e->retry_after_s = verdict_retry_after_s(retry_ms);
    return -1;
}

static int
ask_for_key(struct ingest *in, const struct key *k, enum keycache_state *state,
            int64_t *project, struct error *e)
{
    enum key_state told;

    if (submit_lookup(in->settings.submit, k, &told, project, e) != 0)
        return -1;
    *state = told == KEY_STATE_GOOD      ? KEYCACHE_GOOD
             : told == KEY_STATE_REVOKED ? KEYCACHE_REVOKED
                                         : KEYCACHE_UNKNOWN;
    keycache_put(in->keys, k, clock_now_ms(), *state, *project);
    return 0;
}

/* Who sends: steps 1 and 2, before any byte of the body. */
static int
let_in(struct ingest *in, struct ingest_request *rq, struct error *e)
{
    struct key key;
    int64_t project = 0, retry_ms = 0;
    enum keycache_state state;

    if (authkey_find(&rq->auth, &key, e) != 0)
        return -1;
    state = keycache_get(in->keys, &key, clock_now_ms(), &project);
    if (state == KEYCACHE_ABSENT && ask_for_key(in, &key, &state, &project, e) != 0)
        return -1;
    if (state != KEYCACHE_GOOD)
        return unauthorized(e, state == KEYCACHE_REVOKED ? "revoked key" : "unknown key");
    rq->project = project;
    if (verdict_refused(&in->refused, project, clock_now_ms(), &retry_ms))
        return limited(retry_ms, e);
    return 0;
}

/* Appends the event as an item of the frame; the payload is the text as it was received. */
static int
add_row(struct ingest *in, const struct event *ev, const struct uuid *id, struct str payload,
        int64_t received_at_us, struct error *e)
{
    struct buf *b = &in->frame;
    size_t at = frame_item_begin(b), length_at;

    row_add_uuid(b, id);
    row_add_time(b, received_at_us);
    row_add_time(b, ev->timestamp_us);
    row_add_bytes(b, (struct str){(const char *)ev->fingerprint, sizeof ev->fingerprint});
    row_add_bytes(b, ev->level);
    row_add_bytes(b, ev->title);
    row_add_bytes(b, ev->message);
    row_add_bytes(b, ev->culprit);
    row_add_bytes(b, ev->environment);
    row_add_bytes(b, ev->release);
    row_add_bytes(b, ev->platform);
    row_add_bytes(b, ev->transaction);
    row_add_bytes(b, ev->server_name);
    row_add_bytes(b, ev->user_id);
    row_add_jsonb(b, ev->tags);
    length_at = b->n;
    buf_add_be32(b, 0);
    if (pack_add(in->pack, payload, b) != 0)
        return error_set(e, ERROR_UNAVAILABLE, "out of memory");
    buf_set_be32(b, length_at, (uint32_t)(b->n - length_at - 4));
    frame_end(b, at);
    return 0;
}

static size_t
begin_submission(struct ingest *in, int64_t project, size_t count)
{
    size_t at;

    buf_clear(&in->frame, SIZE_MAX);
    at = frame_begin(&in->frame, FRAME_SUBMIT, 0);
    frame_submission_head(&in->frame, project, 0, count);
    return at;
}

/* Runs what stands in the frame; remembers a refusal. */
static int
submit(struct ingest *in, int64_t project, struct verdict *v, size_t count, struct error *e)
{
    int64_t asked_ms = clock_now_ms();

    if (submit_run(in->settings.submit, &in->frame, v, count, e) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (v[i].status == VERDICT_LIMITED) {
            verdict_put(&in->refused, project, asked_ms, clock_now_ms(), v[i].retry_ms);
            break;
        }
    return 0;
}

int
ingest_verdict_error(const struct verdict *v, struct error *e)
{
    switch (v->status) {
    case VERDICT_STORED:
    case VERDICT_DUPLICATE:
        return 0;
    case VERDICT_LIMITED:
        return limited(v->retry_ms, e);
    case VERDICT_NO_PROJECT:
        return unauthorized(e, "the project is gone");
    case VERDICT_POISON:
        return error_set(e, ERROR_POISON, "the database refused this event; it was put aside");
    case VERDICT_UNAVAILABLE:
        break;
    }
    error_set(e, ERROR_UNAVAILABLE, "database unavailable");
    e->retry_after_s = 1;
    return -1;
}

/* A refused body costs a unit too, so that a broken client cannot burn the processor for free; and over the
 * limit that is what it is told. */
static void
charge_refusal(struct ingest *in, const struct ingest_request *rq, struct error *e)
{
    struct verdict v;
    struct error other;
    size_t at;

    if (e->kind != ERROR_MALFORMED && e->kind != ERROR_TOO_LARGE && e->kind != ERROR_ENCODING)
        return;
    at = begin_submission(in, rq->project, 1);
    frame_charge(&in->frame);
    frame_end(&in->frame, at);
    if (!in->frame.failed && submit(in, rq->project, &v, 1, &other) == 0 &&
        v.status == VERDICT_LIMITED)
        (void)limited(v.retry_ms, e);
}

static void
refuse(struct answer *a, const struct error *e)
{
    answer_error(a, e);
}

static void
tidy_up(struct ingest *in)
{
    arena_reset(in->arena);
    buf_clear(&in->body, KEEP_BYTES);
    buf_clear(&in->frame, KEEP_BYTES);
}

/* Reads and parses one event, and puts it into the frame. */
static int
take_event(struct ingest *in, const struct ingest_request *rq, struct uuid *id,
           struct error *e)
{
    struct event ev;
    int64_t now_us;
    size_t at;

    if (body_read(&rq->body, LIMIT_EVENT_BYTES, &in->body, e) != 0)
        return -1;
    now_us = clock_wall_us();
    if (event_parse(in->arena, buf_str(&in->body), now_us, &ev, e) != 0)
        return -1;
    *id = ev.id;
    if (!ev.has_id && ids_new(now_us, id, e) != 0)
        return -1;
    at = begin_submission(in, rq->project, 1);
    if (add_row(in, &ev, id, buf_str(&in->body), now_us, e) != 0)
        return -1;
    frame_end(&in->frame, at);
    return 0;
}

void
ingest_event(struct ingest *in, struct ingest_request *rq, struct answer *a, struct error *e)
{
    char text[IDS_TEXT_BYTES];
    struct uuid id = {{0}};
    struct verdict v = {.status = VERDICT_UNAVAILABLE};

    *e = (struct error){.kind = ERROR_NONE};
    if (let_in(in, rq, e) != 0) {
        refuse(a, e);
        return;
    }
    if (take_event(in, rq, &id, e) != 0) {
        charge_refusal(in, rq, e);
        refuse(a, e);
    } else if (submit(in, rq->project, &v, 1, e) != 0 || ingest_verdict_error(&v, e) != 0) {
        refuse(a, e);
    } else {
        ids_format(&id, text);
        a->status = 202;
        buf_add_char(&a->body, '{');
        jsonout_text(&a->body, "status", STR("accepted"));
        jsonout_text(&a->body, "id", str_of(text));
        buf_add_char(&a->body, '}');
    }
    tidy_up(in);
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

    /* A cut body without a length looks whole here, and its last whole line is sound. */
    if (lines && body_is_unannounced(&rq->body) && !in->settings.trust_end_of_stream)
        return error_set(e, ERROR_LENGTH, "NDJSON needs a Content-Length here");
    if (body_read(&rq->body, in->settings.bulk_max_bytes, &in->body, e) != 0)
        return -1;
    if (lines)
        return bulk_lines(in->arena, buf_str(&in->body), in->settings.bulk_max_events, texts,
                          count, e);
    return bulk_array(in->arena, buf_str(&in->body), in->settings.bulk_max_events, texts,
                      count, e);
}

/* Parses one event of a bulk into the frame; a bad one becomes a charge and keeps its error. */
static int
take_item(struct ingest *in, struct str text, int64_t now_us, struct bulk_item *item,
          struct error *e)
{
    struct event ev;

    item->error = (struct error){.kind = ERROR_NONE};
    if (text.n > LIMIT_EVENT_BYTES)
        body_too_large(LIMIT_EVENT_BYTES, &item->error);
    else if (event_parse(in->arena, text, now_us, &ev, &item->error) == 0) {
        item->id = ev.id;
        if (!ev.has_id && ids_new(now_us, &item->id, e) != 0)
            return -1;
        return add_row(in, &ev, &item->id, text, now_us, e);
    }
    if (item->error.kind == ERROR_UNAVAILABLE) {
        *e = item->error;
        return -1;
    }
    frame_charge(&in->frame);
    return 0;
}

/* Reads the bulk and puts its events into the frame.  -1: it is refused as a whole. */
static int
take_bulk(struct ingest *in, const struct ingest_request *rq, struct bulk *bulk,
          struct error *e)
{
    struct str *texts;
    size_t at, good = 0;
    int64_t now_us;

    if (read_bulk(in, rq, &texts, &bulk->count, e) != 0)
        return -1;
    bulk->items = arena_array(in->arena, bulk->count, sizeof bulk->items[0]);
    bulk->verdicts = arena_array(in->arena, bulk->count, sizeof bulk->verdicts[0]);
    if (bulk->items == NULL || bulk->verdicts == NULL)
        return error_set(e, ERROR_UNAVAILABLE, "out of memory");
    now_us = clock_wall_us();
    at = begin_submission(in, rq->project, bulk->count);
    for (size_t i = 0; i < bulk->count; i++) {
        if (take_item(in, texts[i], now_us, &bulk->items[i], e) != 0)
            return -1;
        good += bulk->items[i].error.kind == ERROR_NONE;
    }
    frame_end(&in->frame, at);
    if (in->frame.failed)
        return error_set(e, ERROR_UNAVAILABLE, "out of memory");
    if (good > 0)
        return 0;
    error_set(e, ERROR_MALFORMED, "no acceptable event; the first: %.120s",
              bulk->items[0].error.text);
    return -1;
}

void
ingest_bulk(struct ingest *in, struct ingest_request *rq, struct answer *a, struct error *e)
{
    struct bulk bulk = {0};

    *e = (struct error){.kind = ERROR_NONE};
    if (let_in(in, rq, e) != 0) {
        refuse(a, e);
        return;
    }
    if (take_bulk(in, rq, &bulk, e) != 0) {
        charge_refusal(in, rq, e);
        if (e->kind == ERROR_MALFORMED && bulk.items != NULL)
            bulk_answer_refused(&bulk, e, a);
        else
            refuse(a, e);
    } else if (submit(in, rq->project, bulk.verdicts, bulk.count, e) != 0) {
        refuse(a, e);
    } else {
        bulk_answer(&bulk, a, e);
    }
    tidy_up(in);
}
