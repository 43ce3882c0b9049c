#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spool/quota.h"
#include "unit.h"

/* Takes a file in a lock of its own; the error's kind. */
static enum error_kind
take(int64_t bytes, int64_t max_files, int64_t max_bytes)
{
    struct error e = {.kind = ERROR_NONE}, other;
    struct quota q;

    UNIT_EQ(quota_lock(&q, unit_dir(), &other), 0);
    UNIT_EQ((quota_take(&q, bytes, max_files, max_bytes, &e) == 0),
            (e.kind == ERROR_NONE));
    UNIT_EQ(quota_unlock(&q, &other), 0);
    return e.kind;
}

static struct quota_usage
usage(void)
{
    struct error e;
    struct quota q;

    UNIT_EQ(quota_lock(&q, unit_dir(), &e), 0);
    UNIT_EQ(quota_unlock(&q, &e), 0);
    return q.usage;
}

static void
files_are_taken_up_to_the_limit(void)
{
    UNIT_EQ(take(1, 0, 1000), ERROR_UNAVAILABLE);
    UNIT_EQ(take(1, 1, 1000), ERROR_NONE);
    UNIT_EQ(take(1, 1, 1000), ERROR_UNAVAILABLE);
    UNIT_EQ(take(1, 2, 1000), ERROR_NONE);
    UNIT_EQ(take(1, 2, 1000), ERROR_UNAVAILABLE);
    UNIT(usage().files == 2 && usage().bytes == 2);
}

static void
bytes_are_taken_up_to_the_limit(void)
{
    UNIT_EQ(take(101, 10, 100), ERROR_UNAVAILABLE);
    UNIT_EQ(take(60, 10, 100), ERROR_NONE);
    UNIT_EQ(take(41, 10, 100), ERROR_UNAVAILABLE);
    UNIT_EQ(take(40, 10, 100), ERROR_NONE);
    UNIT_EQ(take(1, 10, 100), ERROR_UNAVAILABLE);
    UNIT_EQ(take(INT64_MAX, 10, 100), ERROR_UNAVAILABLE);
    UNIT(usage().files == 2 && usage().bytes == 100);
}

static void
a_refusal_names_the_limit(void)
{
    struct error e;
    struct quota q;

    UNIT_EQ(quota_lock(&q, unit_dir(), &e), 0);
    UNIT(quota_take(&q, 5, 0, 4, &e) == -1 && e.retry_after_s > 0);
    UNIT_STR(str_of(e.text), "spool full: limit is 0 files");
    UNIT(quota_take(&q, 5, 1, 4, &e) == -1 && e.retry_after_s > 0);
    UNIT_STR(str_of(e.text), "spool full: limit is 4 bytes");
    UNIT_EQ(quota_unlock(&q, &e), 0);
}

static void
what_is_given_back_can_be_taken_again(void)
{
    struct error e;
    struct quota q;

    UNIT_EQ(take(100, 1, 100), ERROR_NONE);
    UNIT_EQ(quota_lock(&q, unit_dir(), &e), 0);
    quota_give(&q, 100);
    quota_give(&q, 100); /* never below nothing */
    UNIT_EQ(quota_unlock(&q, &e), 0);
    UNIT(usage().files == 0 && usage().bytes == 0);
    UNIT_EQ(take(100, 1, 100), ERROR_NONE);
}

static void
a_directory_that_is_not_there_is_an_error(void)
{
    struct error e;
    struct quota q;

    UNIT(quota_lock(&q, "/nowhere/at/all", &e) == -1 && e.kind == ERROR_SYSTEM);
}

static volatile sig_atomic_t ticks;
static int enough[2]; /* a pipe: tells the other process after some ticks */

static void
count_tick(int signal)
{
    (void)signal;
    if (++ticks == 3)
        (void)!write(enough[1], "x", 1);
}

/* A responder's timer interrupts whatever it waits for: that is no failure of the disk.
 */
static void
a_signal_does_not_end_the_wait_for_the_lock(void)
{
    const struct sigaction tick = {.sa_handler = count_tick}; /* without SA_RESTART */
    const struct itimerval every = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    struct sigaction before;
    struct error e;
    struct quota q;
    int ready[2] = {-1, -1};
    pid_t child;
    char byte;

    UNIT(usage().files == 0 && pipe(ready) == 0 && pipe(enough) == 0);
    child = fork();
    if (child == 0) {
        if (quota_lock(&q, unit_dir(), &e) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        (void)close(enough[1]);
        _exit(read(enough[0], &byte, 1) == 1 ? 0 : 1); /* holds the lock until then */
    }
    UNIT(read(ready[0], &byte, 1) == 1);
    UNIT(sigaction(SIGALRM, &tick, &before) == 0);
    UNIT(setitimer(ITIMER_REAL, &every, NULL) == 0);
    UNIT(quota_lock(&q, unit_dir(), &e) == 0);
    UNIT(setitimer(ITIMER_REAL, &never, NULL) == 0);
    UNIT(ticks >= 3 && quota_unlock(&q, &e) == 0);
    UNIT(sigaction(SIGALRM, &before, NULL) == 0);
    (void)close(enough[1]);
    UNIT(waitpid(child, NULL, 0) == child);
    (void)close(enough[0]);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static const struct unit_test tests[] = {
    {"a_signal_does_not_end_the_wait_for_the_lock",
     a_signal_does_not_end_the_wait_for_the_lock},
    {"files_are_taken_up_to_the_limit", files_are_taken_up_to_the_limit},
    {"bytes_are_taken_up_to_the_limit", bytes_are_taken_up_to_the_limit},
    {"a_refusal_names_the_limit", a_refusal_names_the_limit},
    {"what_is_given_back_can_be_taken_again", what_is_given_back_can_be_taken_again},
    {"a_directory_that_is_not_there_is_an_error",
     a_directory_that_is_not_there_is_an_error},
};

const struct unit_suite suite_quota = {"quota", tests, COUNT_OF(tests)};
