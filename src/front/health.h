/*
 * health: GET /api/v1/health, which reports whether events are accepted and which part is
 * down.
 *
 * The state is determined at most once per HEALTH_TTL_MS, however often the page is
 * requested.
 */
#ifndef MESHER_FRONT_HEALTH_H
#define MESHER_FRONT_HEALTH_H

#include <stdint.h>

#include "base/compat.h"
#include "ingest/answer.h"
#include "submit/submit.h"

#define HEALTH_TTL_MS 1000

struct health {
    struct submit *submit; /* kept */
    struct submit_state state;
    int64_t seen_ms; /* 0: never */
};

/* Fills the answer: 200 with status "ok" or "degraded", or 503. */
void health_answer(struct health *h, struct answer *a);

#endif
