/*
 * route: which request is answered by what: one table of path, methods and function.
 */
#ifndef MESHER_FRONT_ROUTE_H
#define MESHER_FRONT_ROUTE_H

#include "base/compat.h"
#include "base/error.h"
#include "front/health.h"
#include "front/request.h"
#include "front/setup_page.h"
#include "ingest/ingest.h"

/* What the functions behind the table work with. */
struct route_services {
    /* When it is there it answers everything, and the rest is NULL. */
    struct setup_page *setup;
    struct submit *submit;
    struct ingest *ingest;
    struct health *health;
};

/* Answers rq: fills *a (whose body is emptied first), and e for the log (ERROR_NONE:
 * nothing went wrong). */
void route_answer(const struct route_services *services, struct request *rq,
                  struct answer *a, struct error *e);

#endif
