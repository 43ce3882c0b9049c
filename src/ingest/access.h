/*
 * door: may this key send now?  Steps 1 and 2 of an event's path, before its body is
 * looked at.
 *
 * Remembers keys and refusals for a few seconds; both tables have a fixed size.
 */
#ifndef MESHER_INGEST_DOOR_H
#define MESHER_INGEST_DOOR_H

#include <stddef.h>
#include <stdint.h>

#include "admit/keycache.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "submit/submit.h"
#include "wire/frame.h"

struct door;

/* Makes it; s is kept.  Gives it for door_free(), or NULL (ENOMEM). */
struct door *door_new(struct submit *s) MUST_CHECK;

/* Frees d; NULL is allowed. */
void door_free(struct door *d);

/* Finds the key's project.  Returns 0, or -1: ERROR_UNAUTHORIZED (unknown, revoked),
 * ERROR_UNAVAILABLE. */
int door_project(struct door *d, const struct key *k, int64_t *project,
                 struct error *e) MUST_CHECK;

/* The same for those who tell a revoked key from an unknown one.  Returns 0 with *state
 * GOOD, REVOKED or UNKNOWN, or -1 with ERROR_UNAVAILABLE. */
int door_key(struct door *d, const struct key *k, enum keycache_state *state,
             int64_t *project, struct error *e) MUST_CHECK;

/* May pages of this origin (absent: it is no page that sends) send to the project?  When
 * that cannot be told now they may.  Returns 0, or -1 with ERROR_FORBIDDEN. */
int door_origin(struct door *d, int64_t project, struct str origin,
                struct error *e) MUST_CHECK;

/* Is the project below its limit, as far as is known?  Returns 0, or -1 with
 * ERROR_LIMITED. */
int door_limit(const struct door *d, int64_t project, struct error *e) MUST_CHECK;

/* Learns from the verdicts of a submission that was sent at asked_ms (clock_now_ms()). */
void door_learn(struct door *d, int64_t project, int64_t asked_ms,
                const struct verdict *v, size_t count);

/* The error that a verdict means: 0 for a stored event or a duplicate, else -1 with e
 * set. */
int door_verdict_error(const struct verdict *v, struct error *e) MUST_CHECK;

#endif
