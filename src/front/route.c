#include "front/route.h"

#include <string.h>

#include "base/budget.h"
#include "sentry/answer.h"
#include "sentry/attach.h"
#include "sentry/cron.h"
#include "sentry/minidump.h"
#include "sentry/sentry.h"

typedef void route_function(const struct route_services *services, struct request *rq,
                            struct answer *a, struct error *e);

struct route {
    const char *path;
    const char *allow;
    enum http_method method; /* HTTP_GET also covers HEAD */
    route_function *answer;
};

static void
one_event(const struct route_services *services, struct request *rq, struct answer *a,
          struct error *e)
{
    ingest_event(services->ingest, &rq->ingest, a, e);
}

static void
many_events(const struct route_services *services, struct request *rq, struct answer *a,
            struct error *e)
{
    ingest_bulk(services->ingest, &rq->ingest, a, e);
}

static void
health_page(const struct route_services *services, struct request *rq, struct answer *a,
            struct error *e)
{
    (void)rq;
    *e = (struct error){.kind = ERROR_NONE};
    health_answer(services->health, a);
}

static const struct route routes[] = {
    {"/api/v1/events", "POST, OPTIONS", HTTP_POST, one_event},
    {"/api/v1/events/bulk", "POST, OPTIONS", HTTP_POST, many_events},
    {"/api/v1/health", "GET, HEAD, OPTIONS", HTTP_GET, health_page},
};

/* The place of /api/PROJECT/events/ID/attachments. */
#define EVENT_FILES "events/*/attachments"

/* The place of /api/PROJECT/cron/SLUG and /api/PROJECT/cron/SLUG/KEY. */
#define CRON "cron/*"

/* Below /api/PROJECT/, or without a project in the path. */
static const struct place {
    const char *name, *allow;
    bool without_project; /* the key determines the project */
    sentry_endpoint *post, *get;
} places[] = {
    {"envelope", "POST, OPTIONS", false, sentry_envelope, NULL},
    {"store", "GET, POST, OPTIONS", true, sentry_store, sentry_store_get},
    {"security", "POST, OPTIONS", false, sentry_security, NULL},
    {"csp-report", "POST, OPTIONS", false, sentry_security, NULL},
    {"minidump", "POST, OPTIONS", false, minidump_take, NULL},
    {EVENT_FILES, "POST, OPTIONS", false, attach_take, NULL},
    {CRON, "GET, POST, OPTIONS", false, cron_take, cron_take_query},
};

static struct str
without_slash(struct str path)
{
    if (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    return path;
}

static const struct route *
find(struct str path)
{
    path = without_slash(path);
    for (size_t i = 0; i < COUNT_OF(routes); i++)
        if (str_eq(path, str_of(routes[i].path)))
            return &routes[i];
    return NULL;
}

/* Returns whether name is "events/ID/attachments"; then sets the id. */
static bool
is_event_files(struct str name, struct str *id)
{
    struct str first = str_cut(&name, '/');

    *id = str_cut(&name, '/');
    return str_eq(first, STR("events")) && str_eq(name, STR("attachments"));
}

/* Returns whether name is "cron/SLUG" or "cron/SLUG/KEY"; then sets slug and key. */
static bool
is_cron(struct str name, struct ingest_request *rq)
{
    struct str first = str_cut(&name, '/'), slug = str_cut(&name, '/');

    if (!str_eq(first, STR("cron")) || slug.n == 0 ||
        (name.p != NULL && (name.n == 0 || memchr(name.p, '/', name.n) != NULL)))
        return false;
    rq->path_monitor = slug;
    rq->path_key = name;
    return true;
}

/* Finds NAME in /api/PROJECT/NAME, the project, absent in /api/store, and the event, the
 * monitor and the key, where the path has them. */
static const struct place *
find_place(struct str path, struct ingest_request *rq)
{
    struct str rest = without_slash(path), name, *project = &rq->path_project;

    rq->path_project = rq->path_event = rq->path_monitor = rq->path_key = STR_NONE;
    if (!str_starts(rest, STR("/api/")))
        return NULL;
    rest = (struct str){rest.p + 5, rest.n - 5};
    name = str_cut(&rest, '/');
    if (rest.p != NULL) {
        *project = name;
        name = rest;
    }
    if (is_event_files(name, &rq->path_event))
        name = STR(EVENT_FILES);
    else if (is_cron(name, rq))
        name = STR(CRON);
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (str_eq(name, str_of(places[i].name)) &&
            (project->p != NULL || places[i].without_project))
            return &places[i];
    return NULL;
}

/* A front asks before it passes on a WebSocket upgrade: only the key is checked. */
static void
authorize(const struct route_services *services, struct request *rq, struct answer *a,
          struct error *e)
{
    a->status = 200;
    if (ingest_authorize(services->ingest, &rq->ingest, e) != 0)
        answer_error(a, e);
    else
        a->project = rq->ingest.project;
}

/* Answers if no method matches, or for OPTIONS; returns false when the function must
 * run. */
static bool
answer_method(enum http_method method, bool fits, const char *allow, struct answer *a,
              struct error *e)
{
    if (method == HTTP_OPTIONS) {
        a->status = 204;
        a->allow = allow;
        return true;
    }
    if (fits)
        return false;
    error_set(e, ERROR_METHOD, "method not allowed");
    answer_error(a, e);
    a->allow = allow;
    return true;
}

static void
run_place(const struct route_services *services, const struct place *p,
          struct request *rq, struct answer *a, struct error *e)
{
    sentry_endpoint *run = rq->method == HTTP_POST  ? p->post
                           : rq->method == HTTP_GET ? p->get
                                                    : NULL;

    if (rq->method != HTTP_OPTIONS && run == NULL) {
        error_set(e, ERROR_METHOD, "method not allowed");
        sentry_answer_error(a, e);
        a->allow = p->allow;
    } else if (!answer_method(rq->method, true, p->allow, a, e) && run != NULL) {
        run(services->ingest, &rq->ingest, a, e);
    }
}

/* Sentry's paths have a number, or one of Sentry's words, where Mesher's have a
 * version. */
static bool
is_versioned(struct str path)
{
    return path.n > 6 && path.p[5] == 'v' && path.p[6] >= '0' && path.p[6] <= '9';
}

/* Other requests of Sentry's tools are not supported; the answer says so in a form that
 * they can show. */
static void
nothing_here(struct str path, struct answer *a, struct error *e)
{
    if (!str_starts(path, STR("/api/")) || is_versioned(path)) {
        error_set(e, ERROR_NOT_FOUND, "not found");
        answer_error(a, e);
        return;
    }
    error_set(e, ERROR_NOT_FOUND,
              str_starts(path, STR("/api/0/"))
                  ? "not found: Mesher accepts events and has no web API (releases, "
                    "source maps, organizations)"
                  : "not found");
    sentry_answer_error(a, e);
}

void
route_answer(const struct route_services *services, struct request *rq, struct answer *a,
             struct error *e)
{
    const struct route *r = find(rq->path);
    const struct place *p = r != NULL ? NULL : find_place(rq->path, &rq->ingest);
    enum http_method method = rq->method == HTTP_HEAD ? HTTP_GET : rq->method;

    if (services->setup != NULL) {
        setup_page_answer(services->setup, rq, a, e);
        return;
    }
    budget_begin(services->request_cpu_ms);
    answer_reset(a);
    *e = (struct error){.kind = ERROR_NONE};
    if (rq->is_authorizer)
        authorize(services, rq, a, e);
    else if (p != NULL)
        run_place(services, p, rq, a, e);
    else if (r == NULL)
        nothing_here(rq->path, a, e);
    else if (!answer_method(method, method == r->method, r->allow, a, e))
        r->answer(services, rq, a, e);
}
