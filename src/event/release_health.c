#include "event/release_health.h"

#include <string.h>
#include <xxhash.h>

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "event/event.h"
#include "event/normal.h"
#include "json/json.h"
#include "json/scan.h"

#define MINUTE_US INT64_C(60000000)
#define HOUR_US INT64_C(3600000000)
#define DRIFT_US (55 * MINUTE_US)
#define PAST_US (INT64_C(120) * HOUR_US)

/* The same number of bits as in wire/record.h, which event may not include. */
#define USER_BITS 16384U

#define QUANTITY_MAX 1000000000

struct reading {
    struct arena *a;
    const struct release_health_clock *clock;
    const struct release_health_sink *sink;
    struct release_health_fact fact; /* shared by all facts of an item */
};

/* Sets *out to the hour of a time as sent, or to the hour of receipt when it is missing
 * or invalid.  Returns whether it is in the range of times that are counted. */
static bool
hour_of(const struct reading *r, struct str value, int64_t *out)
{
    const struct release_health_clock *c = r->clock;
    int64_t at_us = c->received_at_us, drift_us = 0;
    struct error ignored;
    struct str text;

    if (c->sent_at_us != EVENT_NO_TIME)
        drift_us = c->received_at_us - c->sent_at_us;
    if (value.p != NULL && json_scalar(r->a, value, &text, &ignored) == 0 &&
        text.p != NULL && normal_time_text(text, &at_us) == 0 &&
        (drift_us >= DRIFT_US || drift_us <= -DRIFT_US))
        at_us += drift_us;
    *out = at_us - at_us % HOUR_US;
    return at_us >= c->received_at_us - PAST_US && at_us <= c->received_at_us + MINUTE_US;
}

static int
text_of(const struct reading *r, struct str value, size_t max_chars, struct str *out,
        struct error *e)
{
    if (json_scalar(r->a, value, out, e) != 0)
        return -1;
    *out = utf8_trim(*out);
    if (utf8_cut(r->a, *out, max_chars, out) != 0)
        return error_no_memory(e);
    return 0;
}

/* Reads the attributes in attrs.  With an absent release, the item counts nothing. */
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
    /* As for events, so that both count for the same release. */
    if (!normal_is_release(r->fact.release))
        r->fact.release = STR_NONE;
    if (r->fact.environment.p == NULL || !normal_is_environment(r->fact.environment))
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

/* Derives the id of one fact about the session sid: a hash that ends in the letter. */
static void
make_id(struct release_health_fact *fact, const struct uuid *sid, char what)
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits(sid->b, sizeof sid->b));
    (void)memcpy(fact->id.b, canonical.digest, sizeof fact->id.b);
    fact->id.b[sizeof fact->id.b - 1] = (uint8_t)what;
    fact->has_id = true;
}

/* The letter that distinguishes a session's ending in its ids. */
static char
what_of(const struct release_health_fact *fact)
{
    if (fact->crashed != 0)
        return 'c';
    if (fact->abnormal != 0)
        return 'a';
    return 'e';
}

/* Reads the update of one session. */
static int
read_update(struct reading *r, const struct str values[6], struct error *e)
{
    struct str sid_text, status, errors;
    struct release_health_fact fact = r->fact;
    struct uuid sid;
    bool has_sid;

    if (json_scalar(r->a, values[0], &sid_text, e) != 0 ||
        json_scalar(r->a, values[2], &status, e) != 0 ||
        json_scalar(r->a, values[3], &errors, e) != 0 ||
        user_bit(r, values[1], &fact.user_bit, e) != 0)
        return -1;
    has_sid = sid_text.p != NULL && ids_parse_event(sid_text, &sid) == 0;
    if (!hour_of(r, values[4].p != NULL ? values[4] : values[5], &fact.hour_us)) {
        r->sink->drop(r->sink->context, 1);
        return 0;
    }
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

/* Reads a bucket of sessions that the client has summed up, as separate endings. */
static int
read_bucket(struct reading *r, struct str bucket, struct error *e)
{
    static const struct str names[] = {STR_INIT("started"), STR_INIT("did"),
                                       STR_INIT("exited"),  STR_INIT("errored"),
                                       STR_INIT("crashed"), STR_INIT("abnormal")};
    struct release_health_fact fact = r->fact;
    struct str values[COUNT_OF(names)];

    if (scan_type(bucket) != SCAN_OBJECT)
        return 0;
    if (json_pick(r->a, bucket, names, COUNT_OF(names), values, e) != 0 ||
        user_bit(r, values[1], &fact.user_bit, e) != 0)
        return -1;
    fact.errored = quantity_of(values[3]);
    fact.crashed = quantity_of(values[4]);
    fact.abnormal = quantity_of(values[5]);
    fact.total = quantity_of(values[2]) + fact.errored + fact.crashed + fact.abnormal;
    if (fact.total == 0)
        return 0;
    if (hour_of(r, values[0], &fact.hour_us))
        return r->sink->take(r->sink->context, &fact, e);
    r->sink->drop(r->sink->context, fact.total);
    return 0;
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
release_health_read(struct arena *a, struct str text, bool many,
                    const struct release_health_clock *clock,
                    const struct release_health_sink *sink, struct error *e)
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
