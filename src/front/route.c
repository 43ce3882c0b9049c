#include "front/route.h"

typedef void route_function(const struct route_services *services, struct request *rq,
                            struct answer *a, struct error *e);

struct route {
    const char *path;
    const char *allow;
    enum http_method method; /* HTTP_GET stands for HEAD too */
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

static const struct route *
find(struct str path)
{
    if (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    for (size_t i = 0; i < COUNT_OF(routes); i++)
        if (str_eq(path, str_of(routes[i].path)))
            return &routes[i];
    return NULL;
}

/* A front asks before it passes a WebSocket upgrade on: only the key is looked at. */
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

void
route_answer(const struct route_services *services, struct request *rq, struct answer *a,
             struct error *e)
{
    const struct route *r = find(rq->path);
    enum http_method method = rq->method == HTTP_HEAD ? HTTP_GET : rq->method;

    a->status = 500;
    a->retry_after_s = 0;
    a->allow = NULL;
    a->project = 0;
    buf_clear(&a->body, SIZE_MAX);
    *e = (struct error){.kind = ERROR_NONE};
    if (rq->is_authorizer) {
        authorize(services, rq, a, e);
    } else if (r == NULL) {
        error_set(e, ERROR_NOT_FOUND, "not found");
        answer_error(a, e);
    } else if (method == HTTP_OPTIONS) {
        a->status = 204;
        a->allow = r->allow;
    } else if (method != r->method) {
        error_set(e, ERROR_METHOD, "method not allowed");
        answer_error(a, e);
        a->allow = r->allow;
    } else {
        r->answer(services, rq, a, e);
    }
}
