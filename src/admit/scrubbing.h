/*
 * scrubbing: a project's settings for the content of events, its scrubbing and its
 * inbound filters, cached for a few seconds.
 *
 * Between the database and a responder they are one text of four lines: "on" or "off";
 * "on" or "off" for IP addresses; the names that the project adds to the secret ones; the
 * names that are safe; and a fifth one if it has filters (event/filter.h).  Names are
 * separated by commas.  The table has a fixed size: two
 * projects in one slot evict each other, which costs a question.  Times are
 * clock_now_ms() values from the caller.
 */
#ifndef MESHER_ADMIT_SCRUBBING_H
#define MESHER_ADMIT_SCRUBBING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"

/* The longest such text. */
#define SCRUBBING_MAX_BYTES (2 * LIMIT_SCRUB_LIST_BYTES + LIMIT_FILTER_LIST_BYTES + 16)

/* The default, used when the project's settings are unknown. */
#define SCRUBBING_USUAL "on\noff\n\n"

#define SCRUBBING_SLOTS 64U
#define SCRUBBING_TTL_MS 2000

struct scrubbing {
    bool on, addresses;
    bool old_issues; /* some issues have fingerprints of an older version of grouping */
    struct str own, safe, filters; /* lists, or empty */
};

struct scrubbing_slot {
    int64_t project; /* 0: unused */
    int64_t until_ms;
    uint16_t n;
    char text[SCRUBBING_MAX_BYTES];
};

struct scrubbing_table {
    struct scrubbing_slot slot[SCRUBBING_SLOTS];
};

/* Appends the settings as text. */
void scrubbing_format(const struct scrubbing *w, struct buf *b);

/* Parses a text; the lists are slices of it.  Returns 0, or -1 when it is invalid. */
int scrubbing_parse(struct str text, struct scrubbing *out) MUST_CHECK;

/* Checks that text is an acceptable list of names for a project, or empty.  what: the
 * name of the setting.  Returns 0, or -1 with ERROR_MALFORMED. */
int scrubbing_check_list(const char *what, struct str list, struct error *e) MUST_CHECK;

/* Caches the text of project, at most SCRUBBING_MAX_BYTES. */
void scrubbing_put(struct scrubbing_table *t, int64_t project, int64_t now_ms,
                   struct str text);

/* Sets the text, valid until the next put, even when it is stale (*fresh is then false);
 * returns false when nothing is cached. */
bool scrubbing_get(const struct scrubbing_table *t, int64_t project, int64_t now_ms,
                   struct str *text, bool *fresh) MUST_CHECK;

#endif
