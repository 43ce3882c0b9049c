#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "super/reload.h"
#include "super/tree.h"
#include "unit.h"

#define DEADLINE_MS 10000
#define ROUND_MS 10

static struct tree t;
static struct conf conf;
static int set;

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* Reads a configuration; "@" stands for the test's directory. */
static struct conf
read_text(const char *text)
{
    struct buf b = buf_init(10000);
    struct conf c;
    struct error e;
    char path[300];

    for (; *text != '\0'; text++)
        if (*text == '@')
            buf_add_text(&b, unit_dir());
        else
            buf_add_char(&b, *text);
    (void)snprintf(path, sizeof path, "%s/t.conf", unit_dir());
    UNIT_EQ(io_durable_file(unit_dir(), "t.conf", buf_str(&b), &e), 0);
    UNIT_EQ(conf_read(path, no_environment, &c, &e), 0);
    buf_release(&b);
    free(c.run_dir);
    c.run_dir = strdup(unit_dir());
    return c;
}

static void
open_tree(const char *text)
{
    struct error e;
    char log[300];

    (void)snprintf(log, sizeof log, "%s/log", unit_dir());
    UNIT_EQ(log_open(log, LOG_LEVEL_INFO, "unit", &e), 0);
    UNIT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    conf = read_text(text);
    set = watch_open(&e);
    UNIT_EQ(tree_init(&t, &conf, NULL, set, &e), 0);
    UNIT_EQ(reload_apply(&t, NULL, &conf, &e), 0);
}

static void
go(void)
{
    int64_t now_ms = clock_now_ms(), next_ms = tree_step(&t, now_ms) - now_ms;

    watch_serve(set, next_ms < ROUND_MS ? next_ms : ROUND_MS);
}

static bool
go_until(bool (*condition)(void))
{
    int64_t deadline_ms = clock_now_ms() + DEADLINE_MS;

    while (!condition() && clock_now_ms() < deadline_ms)
        go();
    return condition();
}

static bool
is_settled(void)
{
    return t.been_up && tree_is_settled(&t);
}

static bool
is_stopped(void)
{
    return tree_is_stopped(&t);
}

static bool
stops_by_itself(void)
{
    return t.stopping;
}

static bool
has_logged(const char *what)
{
    static char text[65536];
    char path[300];
    size_t n;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/log", unit_dir());
    f = fopen(path, "r");
    n = f == NULL ? 0 : fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    if (f != NULL)
        (void)fclose(f);
    return strstr(text, what) != NULL;
}

static void
forget_log(void)
{
    char path[300];

    (void)snprintf(path, sizeof path, "%s/log", unit_dir());
    UNIT(truncate(path, 0) == 0);
}

static void
close_tree(void)
{
    struct error e;

    if (!t.stopping)
        tree_stop(&t, clock_now_ms());
    UNIT(go_until(is_stopped));
    UNIT(!has_logged("event=internal_error"));
    tree_release(&t);
    (void)close(set);
    conf_release(&conf);
    UNIT_EQ(log_open("stderr", LOG_LEVEL_INFO, "unit", &e), 0);
    UNIT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

/* A child; where there is none, one that is nobody. */
static struct child *
named(const char *name)
{
    static struct child nobody;

    for (struct tree_walk w = {0}; tree_next(&t, &w);)
        if (strcmp(w.c->name, name) == 0)
            return w.c;
    nobody = (struct child){.state = CHILD_DOWN};
    return &nobody;
}

static bool
is_there(const char *name)
{
    return named(name)->name[0] != '\0';
}

static void
change(const char *text, int expected)
{
    struct conf new = read_text(text);
    struct error e;

    UNIT_EQ(reload_apply(&t, &conf, &new, &e), expected);
    if (expected == 0) {
        conf_release(&conf);
        conf = new;
        t.world.run_dir = conf.run_dir;
    } else {
        conf_release(&new);
    }
}

#define SLEEP "command = { sleep, \"1000\" } "

/* The lines that children have written, as "a b c". */
static bool
order_is(const char *expected)
{
    struct buf b = buf_init(1000);
    struct error e;
    char path[300];
    bool same;

    (void)snprintf(path, sizeof path, "%s/order", unit_dir());
    UNIT_EQ(io_read_file(path, &b, &e), 0);
    for (size_t i = 0; i < b.n; i++)
        if (b.data[i] == '\n')
            b.data[i] = ' ';
    same = str_eq(buf_str(&b), str_of(expected));
    if (!same)
        (void)printf("order: %.*s\n", (int)b.n, b.data);
    buf_release(&b);
    return same;
}

#define TELLER(name)                                               \
    "child " name " { command = { sh, \"-c\", \"trap 'echo -" name \
    " >>@/order; exit' TERM; echo " name                           \
    " >>@/order; echo >&5; while :; do sleep 0.02; done\" }\n"     \
    " ready = \"fd:5\" }\n"

static void
sections_start_in_order_and_stop_in_reverse(void)
{
    open_tree(
        TELLER("a") "child once { command = { sh, \"-c\", \"echo once >>@/order\" } "
                    "oneshot = true }\n" TELLER("b") TELLER("c"));
    UNIT(go_until(is_settled));
    UNIT(order_is("a once b c "));
    UNIT(named("once")->state == CHILD_DONE && named("b")->state == CHILD_UP);
    tree_stop(&t, clock_now_ms());
    UNIT(go_until(is_stopped) && t.exit_code == 0);
    UNIT(order_is("a once b c -c -b -a "));
    close_tree();
}

static struct child *watched;
static pid_t former;

static bool
is_another(void)
{
    return watched->state == CHILD_UP && watched->pid != former;
}

static bool
die_and_come_back(struct child *c)
{
    watched = c;
    former = c->pid;
    UNIT_EQ(kill(c->pid, SIGKILL), 0);
    return go_until(is_another);
}

static void
one_that_dies_comes_back_alone(void)
{
    pid_t other;

    open_tree("child a { " SLEEP "}\nchild b { " SLEEP "}\n");
    UNIT(go_until(is_settled));
    other = named("b")->pid;
    UNIT(die_and_come_back(named("a")));
    UNIT(named("b")->pid == other && named("b")->restarts == 0);
    UNIT_EQ(named("a")->restarts, 1);
    UNIT_STR(str_of(child_end_text(named("a")).text), "signal KILL");
    close_tree();
}

static void
one_restart_too_many_stops_everything(void)
{
    open_tree("restart_max = 3\nchild a { " SLEEP "}\nchild b { " SLEEP "}\n");
    UNIT(go_until(is_settled));
    for (int i = 0; i < 3; i++)
        UNIT(die_and_come_back(named(i % 2 == 0 ? "a" : "b")));
    UNIT(!t.stopping);
    UNIT_EQ(kill(named("b")->pid, SIGKILL), 0);
    UNIT(go_until(stops_by_itself) && t.exit_code == ERROR_EXIT_SYSTEM);
    close_tree();
}

static void
what_cannot_start_stops_everything_with_its_code(void)
{
    static const struct {
        int line, code;
        const char *text;
    } rows[] = {
        {__LINE__, 100,
         "child a { command = { sh, \"-c\", \"exit 100\" } ready = \"fd:5\" }"},
        {__LINE__, 100, "child a { command = { \"/nowhere\" } log_file = \"@/log\" }"},
        {__LINE__, 111, "child a { command = { false } oneshot = true }"},
        {__LINE__, 100,
         "child a { command = { sh, \"-c\", \"exit 100\" } oneshot = true }"},
        {__LINE__, 111,
         "child a { command = { sh, \"-c\", \"kill -9 $$\" } oneshot = true }"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[300];

        (void)snprintf(text, sizeof text,
                       "child first { " SLEEP "}\n%s\n"
                       "child later { " SLEEP "}\n",
                       rows[i].text);
        open_tree(text);
        UNIT_AT(rows[i].line, go_until(stops_by_itself) && t.exit_code == rows[i].code);
        UNIT_EQ_AT(rows[i].line, named("later")->state, CHILD_DOWN);
        close_tree();
    }
}

static bool
has_failed(void)
{
    return watched->state == CHILD_FAILED;
}

static void
after_it_was_up_exit_100_keeps_one_down(void)
{
    struct error e;

    open_tree("child a { instances = 3 ready = \"fd:5\" command = { sh, \"-c\", "
              "\"test -e @/bad && exit 100; echo >&5; exec sleep 1000\" } }\n");
    UNIT(go_until(is_settled));
    UNIT_EQ(io_durable_file(unit_dir(), "bad", STR("x"), &e), 0);
    UNIT_EQ(tree_roll_begin(&t, NULL, &e), 0);
    watched = named("a-1");
    UNIT(go_until(has_failed));
    UNIT(tree_is_settled(&t) && !t.stopping && t.roll_error.kind != ERROR_NONE);
    UNIT(strstr(t.roll_error.detail, "a-1: exit 100") != NULL);
    UNIT(named("a-2")->state == CHILD_UP && named("a-3")->state == CHILD_UP);
    {
        char path[300];

        (void)snprintf(path, sizeof path, "%s/bad", unit_dir());
        UNIT_EQ(unlink(path), 0);
    }
    former = named("a-2")->pid;
    UNIT(tree_roll_begin(&t, "a-1", &e) == 0 && go_until(is_settled));
    UNIT(named("a-1")->state == CHILD_UP && named("a-2")->pid == former);
    UNIT(tree_roll_begin(&t, "nobody", &e) == -1 && e.kind == ERROR_NOT_FOUND);
    close_tree();
}

static void
a_rolling_restart_has_one_down_at_a_time(void)
{
    pid_t old[4];
    struct error e;
    bool alone = true;
    int64_t deadline_ms = clock_now_ms() + DEADLINE_MS;

    open_tree("child fixed { " SLEEP "rolling = false }\nchild a { instances = 4 ready = "
              "\"fd:5\" command = { sh, \"-c\", \"echo >&5; exec sleep 1000\" } }\n");
    UNIT(go_until(is_settled));
    former = named("fixed")->pid;
    for (size_t i = 0; i < 4; i++)
        old[i] = t.services[1]->children[i].pid;
    UNIT(tree_roll_begin(&t, NULL, &e) == 0 && !tree_is_settled(&t));
    while (!tree_is_settled(&t) && clock_now_ms() < deadline_ms) {
        size_t up = 0;

        go();
        for (size_t i = 0; i < 4; i++)
            up += t.services[1]->children[i].state == CHILD_UP;
        alone = alone && up >= 3;
    }
    UNIT(alone && tree_is_settled(&t) && t.roll_error.kind == ERROR_NONE);
    for (size_t i = 0; i < 4; i++) {
        UNIT(t.services[1]->children[i].pid != old[i]);
        UNIT_EQ(t.services[1]->children[i].restarts, 0);
    }
    UNIT_EQ(named("fixed")->pid, former);
    close_tree();
}

static void
a_reload_changes_what_is_different(void)
{
    pid_t a, b1, b2;

    open_tree("child a { " SLEEP "}\nchild b { " SLEEP "instances = 2 }\nchild c { " SLEEP
              "}\n");
    UNIT(go_until(is_settled));
    a = named("a")->pid;
    b1 = named("b-1")->pid;
    b2 = named("b-2")->pid;
    /* a: as it was; b: one more; c: another command; d: new, before the others. */
    change("child d { " SLEEP "}\nchild a { " SLEEP "}\nchild b { " SLEEP
           "instances = 3 }\nchild c { command = { sleep, \"2000\" } }\n",
           0);
    former = named("c")->pid;
    UNIT(go_until(is_settled));
    UNIT(named("a")->pid == a && named("b-1")->pid == b1 && named("b-2")->pid == b2);
    UNIT(named("b-3")->state == CHILD_UP && named("d")->state == CHILD_UP);
    UNIT(named("c")->pid != former && t.services[0]->children[0].pid == named("d")->pid);
    /* One less; without c. */
    former = named("c")->pid;
    change("child a { " SLEEP "}\nchild b { " SLEEP "instances = 1 }\n", 0);
    UNIT(go_until(is_settled));
    UNIT(!is_there("c") && !is_there("d") && !is_there("b-2"));
    UNIT(named("a")->pid == a && named("b-1")->pid == b1 && kill(former, 0) != 0);
    /* Another option: rolling children are replaced. */
    change("rate_limit = 7\nchild a { " SLEEP "}\nchild b { " SLEEP "instances = 1 }\n",
           0);
    UNIT(go_until(is_settled) && named("a")->pid != a && named("b-1")->pid != b1);
    close_tree();
}

static bool
is_settled_again(void)
{
    return tree_is_settled(&t);
}

static void
what_a_reload_brings_cannot_stop_the_rest(void)
{
    static const char *const rows[] = {
        "child b { ready = \"fd:5\" command = { sh, \"-c\", \"exit 100\" } }",
        "child b { command = { \"/nowhere\" } log_file = \"@/log\" }",
        "child b { command = { false } oneshot = true }",
    };
    char text[300];

    open_tree("child a { " SLEEP "}\n");
    UNIT(go_until(is_settled));
    former = named("a")->pid;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)snprintf(text, sizeof text,
                       "child a { " SLEEP "}\n%s\nchild c { " SLEEP "}\n", rows[i]);
        change(text, 0);
        UNIT(!tree_is_settled(&t) && go_until(is_settled_again));
        UNIT_EQ_AT(__LINE__ + (int)i * 1000, named("b")->state, CHILD_FAILED);
        UNIT(named("a")->pid == former && !t.stopping);
        UNIT(t.roll_error.kind != ERROR_NONE);
        UNIT_EQ(named("c")->state, CHILD_DOWN); /* its turn has not come */
    }
    change("child a { " SLEEP "}\nchild b { " SLEEP "}\nchild c { " SLEEP "}\n", 0);
    UNIT(go_until(is_settled_again) && named("b")->state == CHILD_UP);
    UNIT(named("c")->state == CHILD_UP && t.roll_error.kind == ERROR_NONE);
    close_tree();
}

static void
sockets_survive_a_reload_or_all_stay(void)
{
    char path[300], other[300];
    int fd;

    (void)snprintf(path, sizeof path, "%s/s", unit_dir());
    (void)snprintf(other, sizeof other, "%s/o", unit_dir());
    open_tree("child a { " SLEEP "listen = \"@/s\" }\n");
    UNIT(go_until(is_settled) && address_answers(path));
    fd = t.services[0]->listen_fd;
    /* The same socket under another name, with another backlog. */
    change("child b { " SLEEP "listen = \"@/s\" listen_backlog = 9 }\n", 0);
    UNIT(address_answers(path) && t.services[0]->listen_fd == fd);
    UNIT(go_until(is_settled) && address_answers(path) && !is_there("a"));
    /* One that cannot be opened: nothing changes. */
    former = named("b")->pid;
    change("child b { " SLEEP "listen = \"@/o\" }\nchild c { " SLEEP
           "listen = \"/nowhere/s\" }\n",
           -1);
    UNIT(go_until(is_settled) && named("b")->pid == former && !is_there("c"));
    UNIT(address_answers(path) && access(other, F_OK) != 0);
    /* Another place: the old file goes. */
    change("child b { " SLEEP "listen = \"@/o\" }\n", 0);
    UNIT(go_until(is_settled) && address_answers(other) && access(path, F_OK) != 0);
    close_tree();
    UNIT(access(other, F_OK) != 0);
}

static bool
is_alone_again(void)
{
    return watched->state == CHILD_UP && watched->pid != former && watched->has_ended;
}

static void
an_alone_child_waits_for_what_the_former_left(void)
{
    struct buf b = buf_init(1000);
    struct error e;
    char path[300];

    /* A grandchild in a session of its own that ignores SIGTERM for a while. */
    open_tree(
        "child a { alone = true ready = \"fd:5\" command = { sh, \"-c\", "
        "\"ls @/left 2>/dev/null >>@/seen; setsid sh -c 'trap \\\"\\\" TERM; : >@/left; "
        "echo >&5; sleep 0.3; rm @/left' & sleep 1000\" } }\n");
    (void)snprintf(path, sizeof path, "%s/seen", unit_dir());
    UNIT(go_until(is_settled));
    watched = named("a");
    former = watched->pid;
    UNIT(kill(former, SIGKILL) == 0 && go_until(is_alone_again));
    UNIT(io_read_file(path, &b, &e) == 0 && b.n == 0);
    buf_release(&b);
    close_tree();
}

static void
status_has_a_line_for_each_process(void)
{
    struct buf b = buf_init(1000);
    char expected[100];

    open_tree("child a { " SLEEP
              "instances = 2 }\nchild o { command = { true } oneshot = "
              "true }\n");
    UNIT(go_until(is_settled));
    tree_status(&t, named("a-1")->started_ms + 61000, &b);
    buf_add_char(&b, '\0');
    (void)snprintf(expected, sizeof expected, "a-1\t%ld\t61\t0\tup\t\t",
                   (long)named("a-1")->pid);
    UNIT(strncmp(b.data, expected, strlen(expected)) == 0);
    UNIT(strstr(b.data, "\na-2\t") != NULL && strstr(b.data, "\no\t") == NULL);
    buf_release(&b);
    close_tree();
}

/* In a process of its own: a build for tests aborts after the line. */
static void
a_change_that_is_not_allowed_is_logged_and_made(void)
{
    pid_t pid;
    int status = 0;

    open_tree("child \"a\" { command = { \"/bin/true\" } }");
    pid = fork();
    if (pid == 0) {
        struct child *c = &t.services[0]->children[0];

        child_become(c, CHILD_UP);
        _exit(c->state == CHILD_UP ? 0 : 1);
    }
    UNIT(pid > 0 && waitpid(pid, &status, 0) == pid);
    UNIT(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGABRT);
    UNIT(has_logged("event=internal_error"));
    UNIT(has_logged("detail=\"down became up\""));
    forget_log();
    close_tree();
}

static const struct unit_test tests[] = {
    {"a_change_that_is_not_allowed_is_logged_and_made",
     a_change_that_is_not_allowed_is_logged_and_made},
    {"sections_start_in_order_and_stop_in_reverse",
     sections_start_in_order_and_stop_in_reverse},
    {"one_that_dies_comes_back_alone", one_that_dies_comes_back_alone},
    {"one_restart_too_many_stops_everything", one_restart_too_many_stops_everything},
    {"what_cannot_start_stops_everything_with_its_code",
     what_cannot_start_stops_everything_with_its_code},
    {"after_it_was_up_exit_100_keeps_one_down", after_it_was_up_exit_100_keeps_one_down},
    {"a_rolling_restart_has_one_down_at_a_time",
     a_rolling_restart_has_one_down_at_a_time},
    {"a_reload_changes_what_is_different", a_reload_changes_what_is_different},
    {"what_a_reload_brings_cannot_stop_the_rest",
     what_a_reload_brings_cannot_stop_the_rest},
    {"sockets_survive_a_reload_or_all_stay", sockets_survive_a_reload_or_all_stay},
    {"an_alone_child_waits_for_what_the_former_left",
     an_alone_child_waits_for_what_the_former_left},
    {"status_has_a_line_for_each_process", status_has_a_line_for_each_process},
};

const struct unit_suite suite_tree = {"tree", tests, COUNT_OF(tests)};
