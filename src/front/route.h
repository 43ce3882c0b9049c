/*
 * route: maps requests to functions: one table of path, methods and function.
 */
#ifndef MESHER_FRONT_ROUTE_H
#define MESHER_FRONT_ROUTE_H

#include "base/compat.h"
#include "base/error.h"
#include "front/health.h"
#include "front/request.h"
#include "front/setup_page.h"
#include "ingest/ingest.h"

/* The objects used by the functions in the table. */
struct route_services {
    /* If set, it answers every request, and the rest is NULL. */
    struct setup_page *setup;
    struct submit *submit;
    struct ingest *ingest;
    struct health *health;
    int64_t request_cpu_ms; /* processor time per request; 0: no limit */
};

/* Answers rq: fills *a (whose body is emptied first), and e for the log (ERROR_NONE: no
 * error). */
void route_answer(const struct route_services *services, struct request *rq,
                  struct answer *a, struct error *e);

#endif
