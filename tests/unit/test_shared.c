#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "outage/shared.h"
#include "unit.h"

#define NOW_MS 100000

static const char *
path_of_it(void)
{
    static char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/shared", unit_dir());
    return path;
}

static struct shared *
opened(void)
{
    struct error e;
    struct shared *s = shared_open(unit_dir(), true, &e);

    UNIT(s != NULL);
    return s;
}

static void
all_who_open_it_know_the_same(void)
{
    struct shared *a = opened(), *b = opened();
    static struct outcomes o, p;
    char text[ORIGINS_MAX_BYTES];
    size_t n = 0;

    window_set_limit(shared_windows(a).units, 7, 4, 60000);
    UNIT(window_take_early(shared_windows(a).units, 7, NOW_MS, 1));
    UNIT(window_take_early(shared_windows(b).units, 7, NOW_MS, 1));
    UNIT(!window_take_early(shared_windows(a).units, 7, NOW_MS, 1));
    UNIT(!shared_get_origins(b, 7, NOW_MS, text, &n));
    shared_put_origins(a, 7, NOW_MS, STR("*.example.org"));
    UNIT(shared_get_origins(b, 7, NOW_MS + ORIGINS_TTL_MS - 1, text, &n));
    UNIT(str_eq((struct str){text, n}, STR("*.example.org")));
    UNIT(!shared_get_origins(b, 7, NOW_MS + ORIGINS_TTL_MS, text, &n));
    outcomes_add(&o, 7, 60000000, OUTCOME_MALFORMED, 3);
    UNIT(!shared_has_outcomes(b));
    shared_add_outcomes(a, &o);
    UNIT(o.count == 0 && shared_has_outcomes(b));
    shared_take_outcomes(b, &p);
    UNIT(p.count == 1 && p.row[0].quantity == 3 && !shared_has_outcomes(a));
    shared_close(a);
    shared_close(b);
}

static void
one_settles_at_a_time(void)
{
    struct shared *a = opened(), *b = opened();

    UNIT(shared_lock_settling(a, 0));
    UNIT(!shared_lock_settling(b, clock_now_ms() + 20));
    shared_unlock_settling(b); /* which is not locked */
    UNIT(!shared_lock_settling(b, 0));
    shared_unlock_settling(a);
    UNIT(shared_lock_settling(b, 0));
    shared_close(b); /* with the lock */
    UNIT(shared_lock_settling(a, 0));
    shared_close(a);
}

static void
away_is_believed_for_its_time(void)
{
    struct shared *s = opened();

    UNIT(!shared_is_away(s, NOW_MS));
    shared_set_away(s, NOW_MS, true);
    UNIT(shared_is_away(s, NOW_MS) && shared_is_away(s, NOW_MS + SHARED_AWAY_MS - 1));
    UNIT(!shared_is_away(s, NOW_MS + SHARED_AWAY_MS));
    UNIT(!shared_is_away(s, NOW_MS - 1)); /* of another start of the machine */
    shared_set_away(s, NOW_MS, false);
    UNIT(!shared_is_away(s, NOW_MS));
    shared_close(s);
}

static void
it_is_made_only_when_it_may_be(void)
{
    struct error e;

    UNIT(shared_open(unit_dir(), false, &e) == NULL && e.kind == ERROR_NOT_FOUND);
    UNIT(shared_open("/nonexistent", true, &e) == NULL && e.kind == ERROR_NOT_FOUND);
    shared_close(opened());
    UNIT_EQ(access(path_of_it(), F_OK), 0);
    shared_close(shared_open(unit_dir(), false, &e));
}

/* Writes n bytes of value at an offset of the file. */
static void
spoil(off_t at, int value, size_t n)
{
    int fd = open(path_of_it(), O_WRONLY | O_CREAT, 0600);
    char bytes[64];

    UNIT(fd >= 0 && n <= sizeof bytes);
    (void)memset(bytes, value, n);
    UNIT_EQ(pwrite(fd, bytes, n, at), (ssize_t)n);
    (void)close(fd);
}

static bool
remembers(void)
{
    struct shared *s = opened();
    bool known = window_is_known(shared_windows(s).units, 7);

    window_set_limit(shared_windows(s).units, 7, 4, 60000);
    shared_close(s);
    return known;
}

/* It was new, and is not any more. */
static bool
forgot(void)
{
    bool before = remembers();

    return !before && remembers();
}

static void
what_does_not_look_like_it_is_made_anew(void)
{
    struct stat st;

    UNIT(forgot());
    spoil(0, 0x55, 8); /* the number of the layout */
    UNIT(forgot());
    spoil(8, 0, 8); /* when the machine was started */
    UNIT(forgot());
    spoil(24 + 16, 0xff, 2); /* the length of a list */
    UNIT(forgot());
    UNIT_EQ(truncate(path_of_it(), 100), 0);
    UNIT(forgot());
    UNIT_EQ(stat(path_of_it(), &st), 0);
    spoil(st.st_size, 1, 1);
    UNIT(forgot());
    UNIT_EQ(truncate(path_of_it(), 0), 0);
    UNIT(forgot());
    UNIT_EQ(unlink(path_of_it()), 0);
    UNIT(forgot());
    UNIT(stat(path_of_it(), &st) == 0 && (st.st_mode & 0777) == 0600);
}

/* Who has the old one mapped goes on with it. */
static void
a_replaced_file_ends_nobody(void)
{
    struct shared *old = opened(), *fresh;

    UNIT_EQ(unlink(path_of_it()), 0);
    fresh = opened();
    window_set_limit(shared_windows(old).units, 7, 4, 60000);
    UNIT(window_take_early(shared_windows(old).units, 7, NOW_MS, 1));
    UNIT(!window_is_known(shared_windows(fresh).units, 7));
    shared_close(fresh);
    shared_close(old);
}

static const struct unit_test tests[] = {
    {"all_who_open_it_know_the_same", all_who_open_it_know_the_same},
    {"one_settles_at_a_time", one_settles_at_a_time},
    {"away_is_believed_for_its_time", away_is_believed_for_its_time},
    {"it_is_made_only_when_it_may_be", it_is_made_only_when_it_may_be},
    {"what_does_not_look_like_it_is_made_anew", what_does_not_look_like_it_is_made_anew},
    {"a_replaced_file_ends_nobody", a_replaced_file_ends_nobody},
};

const struct unit_suite suite_shared = {"shared", tests, COUNT_OF(tests)};
