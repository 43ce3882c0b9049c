/*
 * keys: reads keys, and the settings of their projects, from the database.
 */
#ifndef MESHER_STORE_KEYS_H
#define MESHER_STORE_KEYS_H

#include "admit/scrubbing.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "store/db.h"
#include "wire/frame.h"

/* Looks up k.  Sets *state to UNKNOWN, REVOKED or GOOD, and *project in the last two
 * cases.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int keys_find(struct db *d, const struct key *k, enum key_state *state, int64_t *project,
              struct error *e) MUST_CHECK;

/* What a project may send in one window: events, window length in seconds, bytes. */
struct keys_limits {
    int64_t rate_limit, rate_window_s, byte_limit;
};

/* The state of a key, and what its project may send. */
struct keys_access {
    enum key_state state;
    int64_t project; /* 0 when the key is unknown, like all fields below */
    struct keys_limits limits;
    int64_t left_ms, used; /* of the open window; left_ms is 0 when none is open */
    int64_t bytes_left_ms, bytes_used; /* the same for its bytes */
};

int keys_find_access(struct db *d, const struct key *k, struct keys_access *out,
                     struct error *e) MUST_CHECK;

/* Called for each good key; returns -1 to stop. */
typedef int keys_take(void *context, const struct key *k, int64_t project,
                      const struct keys_limits *limits);

/* Calls take for the newest good keys, at most `most` of them, the newest first.
 * Returns 0, or -1 as db_run(). */
int keys_all(struct db *d, size_t most, keys_take *take, void *context,
             struct error *e) MUST_CHECK;
/* Copies to out (at most ORIGINS_MAX_BYTES) the origins whose pages may send to
 * project, and sets *n to the size.  Returns 0, or -1 with ERROR_UNAVAILABLE, also
 * when the project does not exist. */
int keys_origins(struct db *d, int64_t project, char *out, size_t *n,
                 struct error *e) MUST_CHECK;

/* Copies the scrubbing settings of project, as text (admit/scrubbing.h), to out, which
 * has room for SCRUBBING_MAX_BYTES, and sets *n to the size.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE, also when the project does not exist. */
int keys_scrubbing(struct db *d, int64_t project, char *out, size_t *n,
                   struct error *e) MUST_CHECK;

/* Calls take for each project whose scrubbing settings differ from the defaults; take
 * returns -1 to stop.  Returns 0, or -1 as db_run(). */
typedef int keys_take_scrubbing(void *context, int64_t project,
                                const struct scrubbing *w);
int keys_scrubbings(struct db *d, keys_take_scrubbing *take, void *context,
                    struct error *e) MUST_CHECK;

#endif
