#include "admit/keycache.h"

#include <stdlib.h>
#include <xxhash.h>

#define SETS_MAX 65536U

struct slot {
    struct key key;
    enum keycache_state state; /* ABSENT: never used */
    int64_t project;
    int64_t put_ms;
};

struct keycache {
    size_t sets;
    int64_t ttl_ms;
    uint64_t seed;
    struct slot slots[];
};

/* The seed prevents an attacker from choosing the set of his keys. */
static size_t
first_of_set(const struct keycache *c, const struct key *k)
{
    return (XXH3_64bits_withSeed(k, sizeof *k, c->seed) & (c->sets - 1)) * KEYCACHE_WAYS;
}

static enum keycache_state
fresh_state(const struct keycache *c, const struct slot *s, int64_t now_ms)
{
    return now_ms - s->put_ms < c->ttl_ms ? s->state : KEYCACHE_ABSENT;
}

struct keycache *
keycache_new(size_t sets, int64_t ttl_ms, uint64_t seed)
{
    struct keycache *c;

    CHECK(sets > 0 && sets <= SETS_MAX && (sets & (sets - 1)) == 0);
    c = calloc(1, sizeof *c + sets * KEYCACHE_WAYS * sizeof c->slots[0]);
    if (c == NULL)
        return NULL;
    c->sets = sets;
    c->ttl_ms = ttl_ms;
    c->seed = seed;
    return c;
}

void
keycache_free(struct keycache *c)
{
    free(c);
}

enum keycache_state
keycache_get(const struct keycache *c, const struct key *k, int64_t now_ms,
             int64_t *project)
{
    const struct slot *set = &c->slots[first_of_set(c, k)];

    for (size_t i = 0; i < KEYCACHE_WAYS; i++) {
        enum keycache_state state = fresh_state(c, &set[i], now_ms);

        if (state == KEYCACHE_ABSENT || !key_eq(&set[i].key, k))
            continue;
        if (state != KEYCACHE_UNKNOWN)
            *project = set[i].project;
        return state;
    }
    return KEYCACHE_ABSENT;
}

/* Returns the slot to replace: an unused or stale one, else the oldest that the new key
 * may evict. */
static struct slot *
victim_of(const struct keycache *c, struct slot *set, enum keycache_state newcomer,
          int64_t now_ms)
{
    struct slot *victim = NULL;

    for (size_t i = 0; i < KEYCACHE_WAYS; i++) {
        enum keycache_state state = fresh_state(c, &set[i], now_ms);

        if (state == KEYCACHE_ABSENT)
            return &set[i];
        if (newcomer == KEYCACHE_UNKNOWN && state == KEYCACHE_GOOD)
            continue;
        if (victim == NULL || set[i].put_ms < victim->put_ms)
            victim = &set[i];
    }
    return victim;
}

void
keycache_put(struct keycache *c, const struct key *k, int64_t now_ms,
             enum keycache_state state, int64_t project)
{
    struct slot *set = &c->slots[first_of_set(c, k)];
    struct slot *to = NULL;

    CHECK(state != KEYCACHE_ABSENT);
    for (size_t i = 0; i < KEYCACHE_WAYS && to == NULL; i++)
        if (set[i].state != KEYCACHE_ABSENT && key_eq(&set[i].key, k))
            to = &set[i];
    if (to == NULL)
        to = victim_of(c, set, state, now_ms);
    if (to != NULL)
        *to = (struct slot){
            .key = *k, .state = state, .project = project, .put_ms = now_ms};
}
