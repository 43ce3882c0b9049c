/*
 * keycache: what the key table said about a key, remembered for a few seconds.
 *
 * Good keys, revoked and unknown ones are all kept, so neither a busy client nor a flood
 * of made-up keys costs a query each.  The table never grows: KEYCACHE_WAYS slots to a
 * set, the set chosen by a seeded hash.  An unknown key never evicts a fresh good one:
 * guessing cannot push real keys out. Times are clock_now_ms() values from the caller; no
 * clock, no lock, no I/O in here.
 */
#ifndef MESHER_ADMIT_KEYCACHE_H
#define MESHER_ADMIT_KEYCACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/key.h"

#define KEYCACHE_WAYS 4U

/* A revoked key, or a changed project, is noticed after at most this long in each process
 * that a question passes (responder, then writer): below 5 s together. */
#define KEYCACHE_TTL_MS 2000

enum keycache_state {
    KEYCACHE_ABSENT,  /* nothing fresh is known: ask */
    KEYCACHE_GOOD,    /* *project is set */
    KEYCACHE_REVOKED, /* *project is set */
    KEYCACHE_UNKNOWN  /* there is no such key */
};

struct keycache;

/* Makes a cache of `sets` sets (power of two, 1..65536, else abort); entries are fresh
 * for ttl_ms.  Gives a cache for keycache_free(), or NULL (ENOMEM). */
struct keycache *keycache_new(size_t sets, int64_t ttl_ms, uint64_t seed) MUST_CHECK;

/* Frees c; NULL is allowed. */
void keycache_free(struct keycache *c);

/* Looks k up; writes *project for GOOD and REVOKED only. */
enum keycache_state keycache_get(const struct keycache *c, const struct key *k,
                                 int64_t now_ms, int64_t *project) MUST_CHECK;

/* Remembers a state other than ABSENT, and for GOOD and REVOKED the project.  Cannot
 * fail: an unknown key that finds only fresh good ones in its set is not remembered. */
void keycache_put(struct keycache *c, const struct key *k, int64_t now_ms,
                  enum keycache_state state, int64_t project);

#endif
