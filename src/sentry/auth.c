#include "sentry/auth.h"

#include "base/num.h"
#include "wire/dsn.h"

static int
rejected(struct error *e)
{
    return error_set(e, ERROR_FORBIDDEN,
                     "event submission rejected with_reason: ProjectId");
}

static int
nobody(struct error *e)
{
    return error_set(e, ERROR_UNAUTHORIZED, "missing authorization information");
}

/* Returns the number of a project; -1 when it is invalid. */
static int64_t
number_of(struct str text)
{
    int64_t n;

    return num_parse(text, 1, INT64_MAX, &n) == 0 ? n : -1;
}

/* Determines whose key it is, and whether that fits the request. */
static int
let_in(struct ingest *in, struct ingest_request *rq, struct auth *v,
       const struct key *key, struct error *e)
{
    enum keycache_state state;
    int64_t project = 0;

    if (access_key(in->access, key, &state, &project, e) != 0)
        return -1;
    if (state == KEYCACHE_UNKNOWN)
        return error_set(e, ERROR_UNAUTHORIZED, "unknown sentry DSN public key");
    if (state != KEYCACHE_GOOD)
        return rejected(e);
    if (rq->path_project.p != NULL && number_of(rq->path_project) != project)
        return rejected(e);
    rq->project = project;
    if (access_origin(in->access, project, rq->origin, e) != 0)
        return -1;
    v->known = true;
    v->limited = access_limit(in->access, project, &v->limit) != 0;
    return 0;
}

int
auth_read(struct ingest *in, struct ingest_request *rq, struct auth *v, struct error *e)
{
    *v = (struct auth){.known = false};
    if (sentryauth_find(&rq->auth, &v->auth, e) != 0 ||
        sentryauth_path(&v->auth, rq->path_key, e) != 0)
        return -1;
    if (rq->path_project.p != NULL && number_of(rq->path_project) < 0)
        return error_set(e, ERROR_MALFORMED, "bad project path parameter");
    return v->auth.has_key ? let_in(in, rq, v, &v->auth.key, e) : 0;
}

int
auth_require(struct ingest *in, struct ingest_request *rq, struct auth *v,
             struct error *e)
{
    if (auth_read(in, rq, v, e) != 0)
        return -1;
    return v->known ? 0 : nobody(e);
}

int
auth_dsn(struct ingest *in, struct ingest_request *rq, struct auth *v, struct str dsn,
         struct error *e)
{
    struct dsn parts;
    struct key key;
    bool good = dsn.n > 0 && dsn_parse(dsn, &parts) == 0;

    if (!v->known && dsn.n == 0)
        return nobody(e);
    if (!v->known && (!good || key_parse(parts.key, &key) != 0))
        return error_set(e, ERROR_UNAUTHORIZED, "bad envelope authentication header");
    if (!good)
        return 0;
    if (!v->known && let_in(in, rq, v, &key, e) != 0)
        return -1;
    if (number_of(parts.project) != rq->project)
        return error_set(e, ERROR_MALFORMED,
                         "invalid event envelope: project id header mismatch between "
                         "envelope and request");
    if (v->auth.has_key && !str_eq(parts.key, key_text(&v->auth.key)))
        return error_set(e, ERROR_MALFORMED,
                         "invalid event envelope: public key header mismatch between "
                         "envelope and request");
    return 0;
}
