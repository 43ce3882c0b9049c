/*
 * access: the checks of an event's path before its body is read: the key, the origin and
 * the limit of its project, and the project's scrubbing settings.
 *
 * Caches keys, refusals and settings for a few seconds; all tables have a fixed size.
 */
#ifndef MESHER_INGEST_ACCESS_H
#define MESHER_INGEST_ACCESS_H

#include <stddef.h>
#include <stdint.h>

#include "admit/keycache.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "scrub/scrub.h"
#include "submit/submit.h"
#include "wire/frame.h"

struct access;

/* Creates it; keeps s.  Returns an object to be freed with access_free(), or NULL
 * (ENOMEM). */
struct access *access_new(struct submit *s) MUST_CHECK;

/* Frees d, which may be NULL. */
void access_free(struct access *d);

/* Finds the key's project.  Returns 0, or -1: ERROR_UNAUTHORIZED (unknown, revoked),
 * ERROR_UNAVAILABLE. */
int access_project(struct access *d, const struct key *k, int64_t *project,
                   struct error *e) MUST_CHECK;

/* The same for callers that distinguish a revoked key from an unknown one.  Returns 0
 * with *state GOOD, REVOKED or UNKNOWN, or -1 with ERROR_UNAVAILABLE. */
int access_key(struct access *d, const struct key *k, enum keycache_state *state,
               int64_t *project, struct error *e) MUST_CHECK;

/* Checks that pages of this origin (absent: the sender is not a page) may send to the
 * project; allows them when this cannot be determined.  Returns 0, or -1 with
 * ERROR_FORBIDDEN. */
int access_origin(struct access *d, int64_t project, struct str origin,
                  struct error *e) MUST_CHECK;

/* Sets the scrubber for events of the project, as scrubber_get(). */
int access_scrub(struct access *d, int64_t project, struct scrub **out,
                 struct error *e) MUST_CHECK;

/* Sets the inbound filters of the project, and whether it has issues of an older version
 * of grouping, as scrubber_settings(). */
void access_settings(struct access *d, int64_t project, struct str *filters,
                     bool *old_issues);

/* Checks that the project is below its limit, as far as is known.  Returns 0, or -1 with
 * ERROR_LIMITED. */
int access_limit(const struct access *d, int64_t project, struct error *e) MUST_CHECK;

/* Updates the caches from the verdicts of a submission that was sent at asked_ms
 * (clock_now_ms()). */
void access_learn(struct access *d, int64_t project, int64_t asked_ms,
                  const struct verdict *v, size_t count);

/* Converts a verdict to an error: returns 0 for a stored event or a duplicate, else -1
 * with e set. */
int access_verdict_error(const struct verdict *v, struct error *e) MUST_CHECK;

#endif
