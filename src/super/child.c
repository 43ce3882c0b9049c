#include "super/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/io.h"
#include "base/log.h"
#include "super/pidfile.h"
#include "super/process.h"
#include "super/spawn.h"

#define PROBE_MS 50
#define NO_PROCESS_MS 1000

void
child_init(struct child *c, const struct childconf *conf, const int *listen_fd,
           int number)
{
    *c = (struct child){.conf = conf, .listen_fd = listen_fd, .ready_fd = -1};
    if (number == 0)
        (void)snprintf(c->name, sizeof c->name, "%.*s", CHILDCONF_NAME_MAX, conf->name);
    else
        (void)snprintf(c->name, sizeof c->name, "%.*s-%d", CHILDCONF_NAME_MAX, conf->name,
                       number % 1000);
}

bool
child_runs(const struct child *c)
{
    return c->pid != 0;
}

static void
note_mistake(const struct child *c, enum child_state to)
{
    char detail[64];
    int n = snprintf(detail, sizeof detail, "%s became %s", childstate_name(c->state),
                     childstate_name(to));
    struct log_pair pairs[] = {LOG_TEXT("child", str_of(c->name)),
                               LOG_TEXT("detail", str_of(n > 0 ? detail : NULL))};

    log_write(LOG_LEVEL_ERROR, LOG_INTERNAL_ERROR, pairs, COUNT_OF(pairs));
}

void
child_become(struct child *c, enum child_state to)
{
    if (!childstate_may_follow(c->state, to)) {
        note_mistake(c, to);
#ifdef MESHER_STRICT
        check_failed("childstate_may_follow()", __FILE__, __LINE__);
#endif
    }
    c->state = to;
}

void
child_wait(struct child *c, int64_t at_ms)
{
    child_become(c, CHILD_WAITING);
    c->start_at_ms = at_ms;
}

static void
forget_ready_fd(struct child *c)
{
    if (c->ready_fd >= 0)
        (void)close(c->ready_fd);
    c->ready_fd = -1;
}

static void
now_up(struct child *c)
{
    if (c->state != CHILD_STARTING || c->conf->oneshot)
        return;
    child_become(c, CHILD_UP);
    c->been_up = true;
}

/* The pipe was written to, or closed; see spawn.h. */
static void
on_ready_fd(void *context)
{
    struct child *c = context;
    char byte = 0;
    ssize_t got = c->ready_fd < 0 ? -1 : io_read(c->ready_fd, &byte, 1);
    int fd = 0;
    enum childconf_ready how = childconf_ready_of(c->conf, &fd);

    if (c->ready_fd < 0 || (got < 0 && errno == EAGAIN))
        return;
    if ((how == CHILDCONF_READY_AT_ONCE && got == 0) ||
        (how == CHILDCONF_READY_LINE && got == 1))
        now_up(c);
    forget_ready_fd(c);
}

/* Opens the pipe that reports the child's start or its readiness. */
static int
open_ready(struct child *c, const struct child_world *w, int *theirs)
{
    int fd[2];
    struct error e;

    if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    c->ready_fd = fd[0];
    *theirs = fd[1];
    c->watch = (struct watch){on_ready_fd, c};
    if (watch_add(w->watch_set, fd[0], &c->watch, &e) == 0)
        return 0;
    forget_ready_fd(c);
    (void)close(fd[1]);
    return -1;
}

static void
not_now(struct child *c, int64_t now_ms, const struct error *e)
{
    log_error(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, e, NULL, 0);
    forget_ready_fd(c);
    child_wait(c, now_ms + NO_PROCESS_MS);
}

static void
note_start(struct child *c, const struct child_world *w)
{
    struct log_pair pairs[] = {LOG_TEXT("child", str_of(c->name)),
                               LOG_NUMBER("child_pid", c->pid)};
    struct error e;

    log_write(LOG_LEVEL_INFO, LOG_CHILD_STARTED, pairs, COUNT_OF(pairs));
    if (pidfile_write(w->run_dir, c->name, c->pid, &e) != 0)
        log_error(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, &e, NULL, 0);
}

void
child_start(struct child *c, struct child_world *w, int64_t now_ms)
{
    int ready_as = -1, theirs = -1;
    enum childconf_ready how = childconf_ready_of(c->conf, &ready_as);
    struct spawn s = {.command = c->conf->command,
                      .log_file = c->conf->log_file,
                      .conf_path = w->conf_path,
                      .notify_socket =
                          how == CHILDCONF_READY_NOTIFY ? w->notify_name : NULL,
                      .listen_fd = *c->listen_fd,
                      .listen_as_stdin = childconf_listens_as_stdin(c->conf),
                      .ready_as = ready_as,
                      .death_signal = childconf_signal(c->conf)};
    struct error e;

    if (open_ready(c, w, &theirs) != 0) {
        (void)error_errno(&e, "pipe");
        not_now(c, now_ms, &e);
        return;
    }
    s.ready_fd = theirs;
    c->pid = spawn_run(&s, &e);
    (void)close(theirs);
    if (c->pid < 0) {
        c->pid = 0;
        not_now(c, now_ms, &e);
        return;
    }
    child_become(c, CHILD_STARTING);
    c->started_ms = c->probe_at_ms = now_ms;
    c->deadline_ms = c->conf->oneshot ? INT64_MAX : now_ms + c->conf->start_timeout;
    c->stop_signal = s.death_signal;
    c->stop_timeout_ms = c->conf->stop_timeout;
    note_start(c, w);
}

void
child_stop(struct child *c, int64_t now_ms)
{
    if (c->state == CHILD_STOPPING || c->state == CHILD_DOWN)
        return;
    if (!child_runs(c)) {
        child_become(c, CHILD_DOWN);
        return;
    }
    (void)kill(c->pid, c->stop_signal);
    child_become(c, CHILD_STOPPING);
    c->deadline_ms = now_ms + c->stop_timeout_ms;
}

void
child_hurry(struct child *c, int64_t at_ms)
{
    if (c->state == CHILD_STOPPING && c->deadline_ms > at_ms)
        c->deadline_ms = at_ms;
}

void
child_ended(struct child *c, struct child_world *w, int status, int64_t now_ms)
{
    bool asked = c->state == CHILD_STOPPING && c->deadline_ms != INT64_MAX;

    leftovers_add(&w->leftovers, c->pid, c,
                  asked ? c->deadline_ms : now_ms + c->stop_timeout_ms);
    pidfile_remove(w->run_dir, c->name);
    forget_ready_fd(c);
    c->pid = 0;
    c->end_status = status;
    c->has_ended = true;
}

void
child_notified(struct child *c)
{
    int fd;

    if (childconf_ready_of(c->conf, &fd) == CHILDCONF_READY_NOTIFY)
        now_up(c);
}

static void
kill_late(struct child *c)
{
    struct log_pair pairs[] = {
        LOG_TEXT("child", str_of(c->name)), LOG_NUMBER("child_pid", c->pid),
        LOG_TEXT("detail", c->state == CHILD_STOPPING ? STR("does not stop")
                                                      : STR("does not get ready"))};

    log_write(LOG_LEVEL_WARNING, LOG_CHILD_KILLED, pairs, COUNT_OF(pairs));
    (void)kill(-c->pid, SIGKILL);
    c->deadline_ms = INT64_MAX;
}

int64_t
child_step(struct child *c, int64_t now_ms)
{
    int fd;

    if (c->state == CHILD_STARTING &&
        childconf_ready_of(c->conf, &fd) == CHILDCONF_READY_CONNECTION) {
        if (now_ms >= c->probe_at_ms) {
            c->probe_at_ms = now_ms + PROBE_MS;
            if (address_answers(c->conf->ready))
                now_up(c);
        }
    }
    if ((c->state == CHILD_STARTING || c->state == CHILD_STOPPING) &&
        now_ms >= c->deadline_ms)
        kill_late(c);
    if (c->state == CHILD_WAITING)
        return c->start_at_ms;
    if (c->state == CHILD_STARTING &&
        childconf_ready_of(c->conf, &fd) == CHILDCONF_READY_CONNECTION)
        return c->probe_at_ms < c->deadline_ms ? c->probe_at_ms : c->deadline_ms;
    if (c->state == CHILD_STARTING || c->state == CHILD_STOPPING)
        return c->deadline_ms;
    return INT64_MAX;
}

struct child_end_text
child_end_text(const struct child *c)
{
    struct child_end_text out = {""};
    const char *name;

    if (!c->has_ended)
        return out;
    if (WIFEXITED(c->end_status)) {
        (void)snprintf(out.text, sizeof out.text, "exit %d", WEXITSTATUS(c->end_status));
        return out;
    }
    name = sigabbrev_np(WTERMSIG(c->end_status));
    if (name != NULL)
        (void)snprintf(out.text, sizeof out.text, "signal %.12s", name);
    else
        (void)snprintf(out.text, sizeof out.text, "signal %d", WTERMSIG(c->end_status));
    return out;
}

void
child_status(const struct child *c, int64_t now_ms, struct buf *out)
{
    struct child_end_text end = child_end_text(c);

    buf_add_text(out, c->name);
    if (child_runs(c))
        buf_add_f(out, "\t%ld\t%lld", (long)c->pid,
                  (long long)((now_ms - c->started_ms) / 1000));
    else
        buf_add_text(out, "\t\t");
    buf_add_f(out, "\t%lld\t%s\t%s\t", (long long)c->restarts, childstate_name(c->state),
              end.text);
    if (child_runs(c))
        buf_add_f(out, "%lld", (long long)process_memory_kib(c->pid));
    buf_add_char(out, '\n');
}
