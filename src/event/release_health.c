#include "event/release_health.h"

#include <string.h>
#include <xxhash.h>

#include "base/limits.h"
#include "base/num.h"
#include "event/event.h"
#include "event/normal.h"
#include "json/json.h"
#include "json/scan.h"

#define MINUTE_US INT64_C(60000000)
#define HOUR_US INT64_C(3600000000)
#define DRIFT_US (55 * MINUTE_US)
#define PAST_US (INT64_C(120) * HOUR_US)

/* The same number of bits as wire/record.h has; event does not see it. */
#define USER_BITS 16384U

#define QUANTITY_MAX 1000000000

struct reading {
    struct arena *a;
    const struct sessions_clock *clock;
    const struct sessions_sink *sink;
    struct sessions_fact fact; /* what all facts of an item have in common */
};

/* The hour of a time as sent; the hour of receipt when it is none, or out of range. */
static int64_t
hour_of(const struct reading *r, struct str value)
{
    const struct sessions_clock *c = r->clock;
    int64_t at_us = c->received_at_us, drift_us = 0;
    struct error ignored;
    struct str text;

    if (c->sent_at_us != EVENT_NO_TIME)
        drift_us = c->received_at_us - c->sent_at_us;
    if (value.p != NULL && json_scalar(r->a, value, &text, &ignored) == 0 &&
        text.p != NULL && normal_time_text(text, &at_us) == 0 &&
        (drift_us >= DRIFT_US || drift_us <= -DRIFT_US))
        at_us += drift_us;
    if (at_us < c->received_at_us - PAST_US || at_us > c->received_at_us + MINUTE_US)
        at_us = c->received_at_us;
    return at_us - at_us % HOUR_US;
}

static int
text_of(const struct reading *r, struct str value, size_t max_chars, struct str *out,
        struct error *e)
{
    if (json_scalar(r->a, value, out, e) != 0)
        return -1;
    *out = str_trim(*out);
    if (normal_cut(r->a, *out, max_chars, out) != 0)
        return error_no_memory(e);
    return 0;
}

/* Reads what stands in attrs.  An absent release says that the item counts nothing. */
static int
read_attributes(struct reading *r, struct str attrs, struct error *e)
{
    static const struct str names[] = {STR_INIT("release"), STR_INIT("environment")};
    struct str values[COUNT_OF(names)];

    if (attrs.p == NULL || scan_type(attrs) != SCAN_OBJECT)
        return 0;
    if (json_pick(r->a, attrs, names, COUNT_OF(names), values, e) != 0 ||
        text_of(r, values[0], LIMIT_RELEASE_CHARS, &r->fact.release, e) != 0 ||
        text_of(r, values[1], LIMIT_ENVIRONMENT_CHARS, &r->fact.environment, e) != 0)
        return -1;
    if (r->fact.environment.p == NULL)
        r->fact.environment = STR("");
    return 0;
}

static int
user_bit(const struct reading *r, struct str value, int *out, struct error *e)
{
    struct str text;

    *out = -1;
    if (json_scalar(r->a, value, &text, e) != 0)
        return -1;
    if (text.n > 0)
        *out = (int)(XXH3_64bits(text.p, text.n) % USER_BITS);
    return 0;
}

/* The id of one thing that is counted of the session sid. */
static void
make_id(struct sessions_fact *fact, const struct uuid *sid, char what)
{
    uint8_t bytes[sizeof sid->b + 1];
    XXH128_canonical_t canonical;

    (void)memcpy(bytes, sid->b, sizeof sid->b);
    bytes[sizeof sid->b] = (uint8_t)what;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, sizeof bytes));
    (void)memcpy(fact->id.b, canonical.digest, sizeof fact->id.b);
    fact->has_id = true;
}

/* What ids of a session's ending are made with. */
static char
what_of(const struct sessions_fact *fact)
{
    if (fact->crashed != 0)
        return 'c';
    if (fact->abnormal != 0)
        return 'a';
    return 'e';
}

/* One session that tells of itself. */
static int
read_update(struct reading *r, const struct str values[6], struct error *e)
{
    struct str sid_text, status, errors;
    struct sessions_fact fact = r->fact;
    struct uuid sid;
    bool has_sid;

    if (json_scalar(r->a, values[0], &sid_text, e) != 0 ||
        json_scalar(r->a, values[2], &status, e) != 0 ||
        json_scalar(r->a, values[3], &errors, e) != 0 ||
        user_bit(r, values[1], &fact.user_bit, e) != 0)
        return -1;
    has_sid = sid_text.p != NULL && ids_parse(sid_text, &sid) == 0;
    fact.hour_us = hour_of(r, values[4].p != NULL ? values[4] : values[5]);
    fact.total = 1;
    if (has_sid)
        make_id(&fact, &sid, 't');
    if (r->sink->take(r->sink->context, &fact, e) != 0)
        return -1;
    fact.total = 0;
    fact.crashed = str_eq(status, STR("crashed"));
    fact.abnormal = str_eq(status, STR("abnormal"));
    fact.errored =
        !fact.crashed && !fact.abnormal &&
        (str_eq(status, STR("errored")) || (errors.n > 0 && !str_eq(errors, STR("0"))));
    if (fact.crashed + fact.abnormal + fact.errored == 0)
        return 0;
    if (has_sid)
        make_id(&fact, &sid, what_of(&fact));
    return r->sink->take(r->sink->context, &fact, e);
}

static int64_t
quantity_of(struct str value)
{
    int64_t n;

    return value.p != NULL && num_parse(value, 0, QUANTITY_MAX, &n) == 0 ? n : 0;
}

/* A bucket of sessions that were added up already, as separate endings. */
static int
read_bucket(struct reading *r, struct str bucket, struct error *e)
{
    static const struct str names[] = {STR_INIT("started"), STR_INIT("did"),
                                       STR_INIT("exited"),  STR_INIT("errored"),
                                       STR_INIT("crashed"), STR_INIT("abnormal")};
    struct sessions_fact fact = r->fact;
    struct str values[COUNT_OF(names)];

    if (scan_type(bucket) != SCAN_OBJECT)
        return 0;
    if (json_pick(r->a, bucket, names, COUNT_OF(names), values, e) != 0 ||
        user_bit(r, values[1], &fact.user_bit, e) != 0)
        return -1;
    fact.hour_us = hour_of(r, values[0]);
    fact.errored = quantity_of(values[3]);
    fact.crashed = quantity_of(values[4]);
    fact.abnormal = quantity_of(values[5]);
    fact.total = quantity_of(values[2]) + fact.errored + fact.crashed + fact.abnormal;
    return fact.total == 0 ? 0 : r->sink->take(r->sink->context, &fact, e);
}

static int
read_buckets(struct reading *r, struct str list, struct error *e)
{
    struct scan_iter it;
    struct str bucket;

    if (list.p == NULL || scan_type(list) != SCAN_ARRAY)
        return 0;
    it = scan_open(list);
    for (size_t n = 0; scan_array_next(&it, &bucket); n++) {
        if (n == LIMIT_SESSION_BUCKETS)
            return error_set(e, ERROR_TOO_LARGE, "too many sessions: limit is %u buckets",
                             LIMIT_SESSION_BUCKETS);
        if (read_bucket(r, bucket, e) != 0)
            return -1;
    }
    return 0;
}

int
sessions_read(struct arena *a, struct str text, bool many,
              const struct sessions_clock *clock, const struct sessions_sink *sink,
              struct error *e)
{
    static const struct str names[] = {STR_INIT("sid"),     STR_INIT("did"),
                                       STR_INIT("status"),  STR_INIT("errors"),
                                       STR_INIT("started"), STR_INIT("timestamp"),
                                       STR_INIT("attrs"),   STR_INIT("aggregates")};
    struct reading r = {a, clock, sink, {.user_bit = -1}};
    struct str object, values[COUNT_OF(names)];
    struct error ignored;

    if (scan_value(text, LIMIT_JSON_DEPTH, &object, &ignored) != 0 ||
        scan_type(object) != SCAN_OBJECT)
        return 0;
    if (json_pick(a, object, names, COUNT_OF(names), values, e) != 0 ||
        read_attributes(&r, values[6], e) != 0)
        return -1;
    if (r.fact.release.n == 0)
        return 0;
    return many ? read_buckets(&r, values[7], e) : read_update(&r, values, e);
}
