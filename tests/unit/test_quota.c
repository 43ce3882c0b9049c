#include "spool/quota.h"
#include "unit.h"

/* Takes a file in a lock of its own; the error's kind. */
static enum error_kind
take(int64_t bytes, int64_t max_files, int64_t max_bytes)
{
    struct error e = {.kind = ERROR_NONE}, other;
    struct quota q;

    UNIT(quota_lock(&q, unit_dir(), &other) == 0);
    UNIT((quota_take(&q, bytes, max_files, max_bytes, &e) == 0) ==
         (e.kind == ERROR_NONE));
    UNIT(quota_unlock(&q, &other) == 0);
    return e.kind;
}

static struct quota_usage
usage(void)
{
    struct error e;
    struct quota q;

    UNIT(quota_lock(&q, unit_dir(), &e) == 0);
    UNIT(quota_unlock(&q, &e) == 0);
    return q.usage;
}

static void
files_are_taken_up_to_the_limit(void)
{
    UNIT(take(1, 0, 1000) == ERROR_UNAVAILABLE);
    UNIT(take(1, 1, 1000) == ERROR_NONE);
    UNIT(take(1, 1, 1000) == ERROR_UNAVAILABLE);
    UNIT(take(1, 2, 1000) == ERROR_NONE);
    UNIT(take(1, 2, 1000) == ERROR_UNAVAILABLE);
    UNIT(usage().files == 2 && usage().bytes == 2);
}

static void
bytes_are_taken_up_to_the_limit(void)
{
    UNIT(take(101, 10, 100) == ERROR_UNAVAILABLE);
    UNIT(take(60, 10, 100) == ERROR_NONE);
    UNIT(take(41, 10, 100) == ERROR_UNAVAILABLE);
    UNIT(take(40, 10, 100) == ERROR_NONE);
    UNIT(take(1, 10, 100) == ERROR_UNAVAILABLE);
    UNIT(take(INT64_MAX, 10, 100) == ERROR_UNAVAILABLE);
    UNIT(usage().files == 2 && usage().bytes == 100);
}

static void
a_refusal_names_the_limit(void)
{
    struct error e;
    struct quota q;

    UNIT(quota_lock(&q, unit_dir(), &e) == 0);
    UNIT(quota_take(&q, 5, 0, 4, &e) == -1 && e.retry_after_s > 0);
    UNIT(unit_is(str_of(e.text), "spool full: limit is 0 files"));
    UNIT(quota_take(&q, 5, 1, 4, &e) == -1 && e.retry_after_s > 0);
    UNIT(unit_is(str_of(e.text), "spool full: limit is 4 bytes"));
    UNIT(quota_unlock(&q, &e) == 0);
}

static void
what_is_given_back_can_be_taken_again(void)
{
    struct error e;
    struct quota q;

    UNIT(take(100, 1, 100) == ERROR_NONE);
    UNIT(quota_lock(&q, unit_dir(), &e) == 0);
    quota_give(&q, 100);
    quota_give(&q, 100); /* never below nothing */
    UNIT(quota_unlock(&q, &e) == 0);
    UNIT(usage().files == 0 && usage().bytes == 0);
    UNIT(take(100, 1, 100) == ERROR_NONE);
}

static void
a_directory_that_is_not_there_is_an_error(void)
{
    struct error e;
    struct quota q;

    UNIT(quota_lock(&q, "/nowhere/at/all", &e) == -1 && e.kind == ERROR_SYSTEM);
}

static const struct unit_test tests[] = {
    {"files_are_taken_up_to_the_limit", files_are_taken_up_to_the_limit},
    {"bytes_are_taken_up_to_the_limit", bytes_are_taken_up_to_the_limit},
    {"a_refusal_names_the_limit", a_refusal_names_the_limit},
    {"what_is_given_back_can_be_taken_again", what_is_given_back_can_be_taken_again},
    {"a_directory_that_is_not_there_is_an_error",
     a_directory_that_is_not_there_is_an_error},
};

const struct unit_suite suite_quota = {"quota", tests, COUNT_OF(tests)};
