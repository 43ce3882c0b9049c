#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "super/leftovers.h"
#include "super/process.h"
#include "unit.h"

static struct leftovers l;

/* A process in a group of its own, deaf to SIGTERM or not. */
static pid_t
begin(bool deaf)
{
    pid_t pid;

    /* Before the fork, or the signal could come first. */
    UNIT(signal(SIGTERM, deaf ? SIG_IGN : SIG_DFL) != SIG_ERR);
    pid = fork();
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    UNIT(signal(SIGTERM, SIG_DFL) != SIG_ERR);
    UNIT_EQ(setpgid(pid, pid), 0);
    return pid;
}

static int
end_of(pid_t pid)
{
    int status = 0;

    UNIT_EQ(waitpid(pid, &status, 0), pid);
    return WTERMSIG(status);
}

static void
a_group_is_asked_and_forgotten_when_it_is_empty(void)
{
    pid_t pid = begin(false);
    int owner;

    l = (struct leftovers){.count = 0};
    leftovers_add(&l, pid, &owner, 1000);
    UNIT(leftovers_has(&l, &owner) && !leftovers_has(&l, &pid));
    UNIT(leftovers_knows(&l, pid) && !leftovers_knows(&l, pid + 1));
    UNIT_EQ(end_of(pid), SIGTERM);
    UNIT(leftovers_step(&l, 999) == INT64_MAX && !leftovers_has(&l, &owner));
    leftovers_add(&l, pid, &owner, 1000); /* it is empty already */
    UNIT_EQ(l.count, 0);
}

static void
who_does_not_go_is_killed_at_the_time(void)
{
    pid_t pid = begin(true);
    int owner;

    l = (struct leftovers){.count = 0};
    leftovers_add(&l, pid, &owner, 1000);
    UNIT(leftovers_step(&l, 999) == 1000 && process_group_lives(pid));
    UNIT(leftovers_step(&l, 1000) > 1000);
    UNIT_EQ(end_of(pid), SIGKILL);
    UNIT(leftovers_step(&l, 1001) == INT64_MAX && l.count == 0);
}

static void
hurry_moves_the_time(void)
{
    pid_t pid = begin(true);
    int owner;

    l = (struct leftovers){.count = 0};
    leftovers_add(&l, pid, &owner, 1000);
    leftovers_hurry(&l, 2000);
    UNIT_EQ(leftovers_step(&l, 0), 1000);
    leftovers_hurry(&l, 500);
    UNIT_EQ(leftovers_step(&l, 0), 500);
    UNIT(leftovers_step(&l, 500) > 500 && end_of(pid) == SIGKILL);
}

static void
what_nobody_reaps_is_given_up(void)
{
    pid_t pid = begin(true);
    int owner;

    l = (struct leftovers){.count = 0};
    leftovers_add(&l, pid, &owner, 10);
    UNIT_EQ(leftovers_step(&l, 10), 1010); /* a zombie from now on */
    UNIT(leftovers_step(&l, 1009) == 1010 && leftovers_has(&l, &owner));
    UNIT(leftovers_step(&l, 1010) == INT64_MAX && !leftovers_has(&l, &owner));
    UNIT_EQ(end_of(pid), SIGKILL);
}

static void
too_many_are_killed_at_once(void)
{
    pid_t pid = begin(true);
    int owner;

    l = (struct leftovers){.count = LEFTOVERS_MAX};
    leftovers_add(&l, pid, &owner, 1000);
    UNIT(l.count == LEFTOVERS_MAX && end_of(pid) == SIGKILL);
}

static bool
knows_nobody(const void *context, pid_t group)
{
    return context != NULL && *(const pid_t *)context == group;
}

static void
strays_are_children_of_unknown_groups(void)
{
    pid_t pid = begin(true), known = begin(true);

    UNIT_EQ(process_strays(knows_nobody, NULL, 0), 2);
    UNIT_EQ(process_strays(knows_nobody, &known, SIGKILL), 1);
    UNIT(end_of(pid) == SIGKILL && process_group_lives(known));
    UNIT_EQ(process_strays(knows_nobody, &known, SIGKILL), 0);
    UNIT(kill(known, SIGKILL) == 0 && end_of(known) == SIGKILL);
    UNIT(process_memory_kib(getpid()) > 0 && process_memory_kib(known) == 0);
}

static const struct unit_test tests[] = {
    {"a_group_is_asked_and_forgotten_when_it_is_empty",
     a_group_is_asked_and_forgotten_when_it_is_empty},
    {"who_does_not_go_is_killed_at_the_time", who_does_not_go_is_killed_at_the_time},
    {"hurry_moves_the_time", hurry_moves_the_time},
    {"what_nobody_reaps_is_given_up", what_nobody_reaps_is_given_up},
    {"too_many_are_killed_at_once", too_many_are_killed_at_once},
    {"strays_are_children_of_unknown_groups", strays_are_children_of_unknown_groups},
};

const struct unit_suite suite_leftovers = {"leftovers", tests, COUNT_OF(tests)};
