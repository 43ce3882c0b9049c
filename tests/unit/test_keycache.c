#include <stdio.h>

#include "admit/keycache.h"
#include "unit.h"

#define TTL_MS 100
#define NOW_MS 5000

static struct key
key_of(unsigned i)
{
    struct key k;
    char text[20];

    (void)snprintf(text, sizeof text, "mshr_%u", i);
    UNIT_EQ(key_parse(str_of(text), &k), 0);
    return k;
}

/* A cache of one set, so that all keys meet. */
static struct keycache *
one_set(void)
{
    struct keycache *c = keycache_new(1, TTL_MS, 12345);

    UNIT(c != NULL);
    return c;
}

static void
put(struct keycache *c, unsigned i, int64_t now_ms, enum keycache_state state)
{
    struct key k = key_of(i);

    keycache_put(c, &k, now_ms, state, (int64_t)i + 1000);
}

/* The state of key i; the project is looked at too. */
static enum keycache_state
get(const struct keycache *c, unsigned i, int64_t now_ms)
{
    struct key k = key_of(i);
    int64_t project = -1;
    enum keycache_state state = keycache_get(c, &k, now_ms, &project);
    bool known = state == KEYCACHE_GOOD || state == KEYCACHE_REVOKED;

    UNIT_EQ(project, (known ? (int64_t)i + 1000 : -1));
    return state;
}

static void
what_was_put_is_known_until_its_time(void)
{
    static const enum keycache_state states[] = {KEYCACHE_GOOD, KEYCACHE_REVOKED,
                                                 KEYCACHE_UNKNOWN};

    for (size_t i = 0; i < COUNT_OF(states); i++) {
        struct keycache *c = one_set();

        UNIT_EQ(get(c, 1, NOW_MS), KEYCACHE_ABSENT);
        put(c, 1, NOW_MS, states[i]);
        UNIT_EQ(get(c, 1, NOW_MS), states[i]);
        UNIT_EQ(get(c, 2, NOW_MS), KEYCACHE_ABSENT);
        UNIT_EQ(get(c, 1, NOW_MS + TTL_MS - 1), states[i]);
        UNIT_EQ(get(c, 1, NOW_MS + TTL_MS), KEYCACHE_ABSENT);
        UNIT_EQ(get(c, 1, NOW_MS + TTL_MS + 1), KEYCACHE_ABSENT);
        keycache_free(c);
    }
}

static void
the_last_word_counts(void)
{
    struct keycache *c = one_set();

    put(c, 1, NOW_MS, KEYCACHE_UNKNOWN);
    put(c, 1, NOW_MS, KEYCACHE_GOOD);
    UNIT_EQ(get(c, 1, NOW_MS), KEYCACHE_GOOD);
    put(c, 1, NOW_MS + 1, KEYCACHE_REVOKED);
    UNIT_EQ(get(c, 1, NOW_MS + TTL_MS), KEYCACHE_REVOKED);
    /* It took one slot, not three. */
    for (unsigned i = 2; i <= KEYCACHE_WAYS; i++)
        put(c, i, NOW_MS + 1, KEYCACHE_UNKNOWN);
    for (unsigned i = 1; i <= KEYCACHE_WAYS; i++)
        UNIT(get(c, i, NOW_MS + 1) != KEYCACHE_ABSENT);
    keycache_free(c);
}

static void
unknown_keys_never_evict_good_ones(void)
{
    struct keycache *c = one_set();

    for (unsigned i = 0; i < KEYCACHE_WAYS; i++)
        put(c, i, NOW_MS, KEYCACHE_GOOD);
    for (unsigned i = 100; i < 200; i++) {
        put(c, i, NOW_MS + TTL_MS - 1, KEYCACHE_UNKNOWN);
        UNIT_EQ(get(c, i, NOW_MS + TTL_MS - 1), KEYCACHE_ABSENT);
    }
    for (unsigned i = 0; i < KEYCACHE_WAYS; i++)
        UNIT_EQ(get(c, i, NOW_MS + TTL_MS - 1), KEYCACHE_GOOD);
    /* Good ones that are past their time may go. */
    put(c, 100, NOW_MS + TTL_MS, KEYCACHE_UNKNOWN);
    UNIT_EQ(get(c, 100, NOW_MS + TTL_MS), KEYCACHE_UNKNOWN);
    keycache_free(c);
}

static void
a_newcomer_takes_the_oldest_place(void)
{
    struct keycache *c = one_set();

    for (unsigned i = 0; i < KEYCACHE_WAYS; i++)
        put(c, i, NOW_MS + (i + 1) % KEYCACHE_WAYS, KEYCACHE_GOOD);
    put(c, 50, NOW_MS + 10, KEYCACHE_GOOD);
    UNIT_EQ(get(c, KEYCACHE_WAYS - 1, NOW_MS + 10), KEYCACHE_ABSENT);
    for (unsigned i = 0; i + 1 < KEYCACHE_WAYS; i++)
        UNIT_EQ(get(c, i, NOW_MS + 10), KEYCACHE_GOOD);
    UNIT_EQ(get(c, 50, NOW_MS + 10), KEYCACHE_GOOD);
    /* An unknown one goes before any good one that is older. */
    put(c, 0, NOW_MS + 20, KEYCACHE_UNKNOWN);
    put(c, 60, NOW_MS + 20, KEYCACHE_UNKNOWN);
    UNIT_EQ(get(c, 60, NOW_MS + 20), KEYCACHE_UNKNOWN);
    UNIT_EQ(get(c, 0, NOW_MS + 20), KEYCACHE_ABSENT);
    UNIT_EQ(get(c, 1, NOW_MS + 20), KEYCACHE_GOOD);
    keycache_free(c);
}

static void
many_sets_hold_many_keys(void)
{
    struct keycache *c = keycache_new(1024, TTL_MS, 7);
    unsigned found = 0;

    UNIT(c != NULL);
    for (unsigned i = 0; i < 1024; i++)
        put(c, i, NOW_MS, KEYCACHE_GOOD);
    for (unsigned i = 0; i < 1024; i++)
        found += get(c, i, NOW_MS) == KEYCACHE_GOOD;
    UNIT(found > 1000); /* sets of four at a load of one rarely overflow */
    keycache_free(c);
    keycache_free(NULL);
}

static const struct unit_test tests[] = {
    {"what_was_put_is_known_until_its_time", what_was_put_is_known_until_its_time},
    {"the_last_word_counts", the_last_word_counts},
    {"unknown_keys_never_evict_good_ones", unknown_keys_never_evict_good_ones},
    {"a_newcomer_takes_the_oldest_place", a_newcomer_takes_the_oldest_place},
    {"many_sets_hold_many_keys", many_sets_hold_many_keys},
};

const struct unit_suite suite_keycache = {"keycache", tests, COUNT_OF(tests)};
