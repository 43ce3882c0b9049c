/*
 * scrubber: keeps the scrubbers of the projects, and their inbound filters.
 *
 * Looks up a project's settings and caches them for a few seconds; while they cannot be
 * determined, the last known ones apply, or for an unknown project the default: remove
 * everything that scrub.h finds.  Scrubbers compiled for projects with names of their own
 * are kept in a table of fixed size.
 */
#ifndef MESHER_INGEST_SCRUBBER_H
#define MESHER_INGEST_SCRUBBER_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "scrub/scrub.h"
#include "submit/submit.h"

struct scrubber;

/* Creates it; keeps s.  Returns an object to be freed with scrubber_free(), or NULL
 * (ENOMEM). */
struct scrubber *scrubber_new(struct submit *s) MUST_CHECK;

/* Frees c, which may be NULL. */
void scrubber_free(struct scrubber *c);

/* Sets *out to the scrubber for events of project, valid until the next call; NULL: the
 * project has scrubbing off.  Returns 0, or -1 with ERROR_UNAVAILABLE when memory runs
 * out. */
int scrubber_get(struct scrubber *c, int64_t project, struct scrub **out,
                 struct error *e) MUST_CHECK;

/* Sets the inbound filters of project (event/filter.h), valid until the next call, and
 * whether it has issues of an older version of grouping. */
void scrubber_settings(struct scrubber *c, int64_t project, struct str *filters,
                       bool *old_issues);

#endif
