/*
 * scrub: removes secrets from a text.
 *
 * Takes JSON or any other text and replaces secrets with "[Filtered]": values under the
 * name of a secret (scrub_names.h), whatever their type, in objects, in pairs [name,
 * value] and in {"name": …, "value": …}; and everything that scrub_scan.h finds in
 * strings, including names.  One pass, without recursion.  A text without secrets is
 * returned unchanged, as the same bytes.
 *
 * Scrubbing is idempotent.  JSON stays JSON.  No I/O, no clock.
 */
#ifndef MESHER_SCRUB_SCRUB_H
#define MESHER_SCRUB_SCRUB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"

/* The type of the notes that scrub_notes() adds. */
#define SCRUB_NOTE "scrubbed"

struct scrub;

/* Settings in addition to the built-in rules. */
struct scrub_rules {
    bool addresses;  /* remove IP addresses */
    struct str own;  /* secret names, separated by commas; absent: none */
    struct str safe; /* names whose values are left alone, separated likewise */
};

/* The result. */
struct scrub_result {
    struct str text;                    /* the original text, or a copy in the arena */
    size_t removed;                     /* number of replaced places */
    size_t paths;                       /* number of them whose path is recorded */
    struct str path[LIMIT_SCRUB_PATHS]; /* "request.headers.Authorization" */
    size_t looked_at;                   /* bytes examined by all rules */
};

/* Creates a scrubber; copies the rules.  Returns an object to be freed with scrub_free(),
 * or NULL (ENOMEM). */
struct scrub *scrub_new(const struct scrub_rules *rules) MUST_CHECK;

/* Frees s, which may be NULL. */
void scrub_free(struct scrub *s);

/* Returns whether these rules remove addresses. */
bool scrub_hides_addresses(const struct scrub *s) MUST_CHECK;

/* Scrubs a JSON text that scan_value() accepts, or would accept after repair.h; in any
 * other text secrets may remain.  Texts of out are in the arena or in json.  Returns 0,
 * or -1 with ERROR_UNAVAILABLE. */
int scrub_json(struct scrub *s, struct arena *a, struct str json,
               struct scrub_result *out, struct error *e) MUST_CHECK;

/* Scrubs a text that is not JSON; absent stays absent. out->paths is 0. */
int scrub_text(struct scrub *s, struct arena *a, struct str text,
               struct scrub_result *out, struct error *e) MUST_CHECK;

/* Adds the replacements to the notes of an event: *errors (notes_text(), or absent) gets
 * {"type":"scrubbed","name":PATH} for each recorded path, and a last note with the number
 * of the others.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int scrub_notes(struct arena *a, const struct scrub_result *r, struct str *errors,
                struct error *e) MUST_CHECK;

#endif
