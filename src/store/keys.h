/*
 * keys: what the database says about a key.
 */
#ifndef MESHER_STORE_KEYS_H
#define MESHER_STORE_KEYS_H

#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "store/db.h"
#include "wire/frame.h"

/* Looks k up.  Sets *state to UNKNOWN, REVOKED or GOOD, and *project for the last two.
 * Returns 0, or -1 with ERROR_UNAVAILABLE. */
int keys_find(struct db *d, const struct key *k, enum key_state *state, int64_t *project,
              struct error *e) MUST_CHECK;

/* The same, and what its project may send. */
struct keys_door {
    enum key_state state;
    int64_t project;                   /* 0 when the key is unknown, as all below */
    int64_t rate_limit, rate_window_s; /* units in a window, its length */
    int64_t left_ms, used; /* of the window that is open; left_ms 0: none is */
};

int keys_door(struct db *d, const struct key *k, struct keys_door *out,
              struct error *e) MUST_CHECK;

/* Called for each good key; -1 ends it. */
typedef int keys_take(void *context, const struct key *k, int64_t project,
                      int64_t rate_limit, int64_t rate_window_s);

/* Gives every good key, at most so many, the newest first.  Returns 0, or -1 as
 * db_run(). */
int keys_all(struct db *d, size_t most, keys_take *take, void *context,
             struct error *e) MUST_CHECK;
/* The origins from which pages may send to project, into out, at most ORIGINS_MAX_BYTES;
 * sets *n.  Returns 0, or -1 with ERROR_UNAVAILABLE, also when there is no such project.
 */
int keys_origins(struct db *d, int64_t project, char *out, size_t *n,
                 struct error *e) MUST_CHECK;

#endif
