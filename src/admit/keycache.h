/*
 * keycache: caches the state of keys for a few seconds.
 *
 * Good, revoked and unknown keys are all cached, so neither a busy client nor a flood of
 * made-up keys costs a query per request.  The table never grows: KEYCACHE_WAYS slots per
 * set, with the set chosen by a seeded hash.  An unknown key never evicts a fresh good
 * one, so guessing cannot push real keys out.  Times are clock_now_ms() values from the
 * caller; no clock, no lock, no I/O in here.
 */
#ifndef MESHER_ADMIT_KEYCACHE_H
#define MESHER_ADMIT_KEYCACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/key.h"

#define KEYCACHE_WAYS 4U

/* How long a revoked key or a changed project may go unnoticed in each process that a
 * look-up passes (responder, then writer): below 5 s together. */
#define KEYCACHE_TTL_MS 2000

enum keycache_state {
    KEYCACHE_ABSENT,  /* no fresh entry: ask */
    KEYCACHE_GOOD,    /* *project is set */
    KEYCACHE_REVOKED, /* *project is set */
    KEYCACHE_UNKNOWN  /* there is no such key */
};

struct keycache;

/* Creates a cache of `sets` sets (power of two, 1..65536, else abort) with entries fresh
 * for ttl_ms.  Returns an object to be freed with keycache_free(), or NULL (ENOMEM). */
struct keycache *keycache_new(size_t sets, int64_t ttl_ms, uint64_t seed) MUST_CHECK;

/* Frees c, which may be NULL. */
void keycache_free(struct keycache *c);

/* Looks k up; sets *project for GOOD and REVOKED only. */
enum keycache_state keycache_get(const struct keycache *c, const struct key *k,
                                 int64_t now_ms, int64_t *project) MUST_CHECK;

/* Caches a state other than ABSENT, and for GOOD and REVOKED the project.  Cannot fail:
 * an unknown key whose set holds only fresh good ones is not cached. */
void keycache_put(struct keycache *c, const struct key *k, int64_t now_ms,
                  enum keycache_state state, int64_t project);

#endif
