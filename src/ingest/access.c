#include "ingest/access.h"

#include <stdlib.h>
#include <sys/random.h>

#include "admit/limited.h"
#include "admit/origins.h"
#include "base/clock.h"
#include "ingest/scrubber.h"

#define KEY_SETS 256U

struct access {
    struct submit *submit;
    struct keycache *keys;
    struct limited_table refused;
    struct origins_table origins;
    struct scrubber *scrubber;
};

struct access *
access_new(struct submit *s)
{
    struct access *d = calloc(1, sizeof *d);
    uint64_t seed = 0;

    if (d == NULL)
        return NULL;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)clock_wall_us();
    d->submit = s;
    d->keys = keycache_new(KEY_SETS, KEYCACHE_TTL_MS, seed);
    d->scrubber = scrubber_new(s);
    if (d->keys == NULL || d->scrubber == NULL) {
        access_free(d);
        return NULL;
    }
    return d;
}

void
access_free(struct access *d)
{
    if (d == NULL)
        return;
    keycache_free(d->keys);
    scrubber_free(d->scrubber);
    free(d);
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
    e->retry_after_s = limited_retry_after_s(retry_ms);
    return -1;
}

static int
ask(struct access *d, const struct key *k, enum keycache_state *state, int64_t *project,
    struct error *e)
{
    enum key_state told;

    if (submit_lookup(d->submit, k, &told, project, e) != 0)
        return -1;
    *state = told == KEY_STATE_GOOD      ? KEYCACHE_GOOD
             : told == KEY_STATE_REVOKED ? KEYCACHE_REVOKED
                                         : KEYCACHE_UNKNOWN;
    keycache_put(d->keys, k, clock_now_ms(), *state, *project);
    return 0;
}

int
access_key(struct access *d, const struct key *k, enum keycache_state *state,
           int64_t *project, struct error *e)
{
    *state = keycache_get(d->keys, k, clock_now_ms(), project);
    return *state == KEYCACHE_ABSENT ? ask(d, k, state, project, e) : 0;
}

int
access_origin(struct access *d, int64_t project, struct str origin, struct error *e)
{
    struct str allowed;
    struct error ignored;

    if (origin.n == 0)
        return 0;
    if (!origins_get(&d->origins, project, clock_now_ms(), &allowed)) {
        char text[ORIGINS_MAX_BYTES];
        size_t n;

        if (submit_origins(d->submit, project, text, &n, &ignored) != 0)
            return 0;
        origins_put(&d->origins, project, clock_now_ms(), (struct str){text, n});
        if (!origins_get(&d->origins, project, clock_now_ms(), &allowed))
            return 0;
    }
    if (origins_allow(allowed, origin))
        return 0;
    return error_set(e, ERROR_FORBIDDEN, "event submission rejected with_reason: Cors");
}

int
access_scrub(struct access *d, int64_t project, struct scrub **out, struct error *e)
{
    return scrubber_get(d->scrubber, project, out, e);
}

void
access_settings(struct access *d, int64_t project, struct str *filters, bool *old_issues)
{
    scrubber_settings(d->scrubber, project, filters, old_issues);
}

int
access_project(struct access *d, const struct key *k, int64_t *project, struct error *e)
{
    enum keycache_state state;

    if (access_key(d, k, &state, project, e) != 0)
        return -1;
    if (state == KEYCACHE_GOOD)
        return 0;
    return unauthorized(e, state == KEYCACHE_REVOKED ? "revoked key" : "unknown key");
}

int
access_limit(const struct access *d, int64_t project, struct error *e)
{
    int64_t retry_ms = 0;

    if (limited_is(&d->refused, project, clock_now_ms(), &retry_ms) ||
        submit_is_limited(d->submit, project, &retry_ms))
        return limited(retry_ms, e);
    return 0;
}

void
access_learn(struct access *d, int64_t project, int64_t asked_ms, const struct verdict *v,
             size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (v[i].status == VERDICT_LIMITED) {
            limited_put(&d->refused, project, asked_ms, clock_now_ms(), v[i].retry_ms);
            return;
        }
}

int
access_verdict_error(const struct verdict *v, struct error *e)
{
    switch (v->status) {
    case VERDICT_STORED:
    case VERDICT_DUPLICATE:
        return 0;
    case VERDICT_LIMITED:
        return limited(v->retry_ms, e);
    case VERDICT_NO_PROJECT:
        return unauthorized(e, "the project was deleted");
    case VERDICT_POISON:
        return error_set(e, ERROR_POISON,
                         "the database refused this event; it was set aside");
    case VERDICT_UNAVAILABLE:
        break;
    }
    return error_set(e, ERROR_UNAVAILABLE, "database unavailable");
}
