#include "super/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/num.h"
#include "base/signals.h"
#include "super/control.h"
#include "super/limit.h"
#include "super/notify.h"
#include "super/pidfile.h"
#include "super/reload.h"
#include "super/tree.h"
#include "super/watch.h"

#define NAME "mesherd"
#define RUN_DIR_MODE 0750

/* A killed mesherd leaves children that finish their work: their sockets are free
 * soon. */
#define SOCKETS_MS ((int64_t)10 * 1000)
#define SOCKETS_AGAIN_MS 100

struct supervisor {
    const struct conf *first;
    struct conf later; /* the result of a reload */
    bool has_later;
    conf_getenv *env;
    const char *notify;                  /* NOTIFY_SOCKET */
    char conf_path[PATH_MAX];            /* absolute; "": none */
    char run_dir[PATH_MAX];              /* of the first configuration */
    int64_t watchdog_ms, watchdog_at_ms; /* 0: none */
    int lock_fd, signal_fd, watch_set;
    bool said_ready, said_stopping;
    struct watch signal_watch;
    struct control control;
    struct tree tree;
};

static const struct conf *
conf_of(const struct supervisor *s)
{
    return s->has_later ? &s->later : s->first;
}

/* ---- reload */

static void
say_reloading(const struct supervisor *s)
{
    char text[80];

    (void)snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld",
                   (long long)clock_now_ms() * 1000);
    notify_send(s->notify, text);
}

static int
read_again(const struct supervisor *s, struct conf *out, struct error *e)
{
    if (conf_read(s->conf_path[0] == '\0' ? NULL : s->conf_path, s->env, out, e) != 0)
        return -1;
    if (strcmp(out->run_dir, s->first->run_dir) != 0) {
        error_set(e, ERROR_CONFIG, "bad configuration");
        return error_detail(e, "run_dir cannot change while mesherd runs");
    }
    return 0;
}

static int
take_over(struct supervisor *s, struct conf *new, struct error *e)
{
    enum log_level level = LOG_LEVEL_INFO;

    CHECK(log_level_parse(str_of(new->log_level), &level) == 0);
    if (reload_apply(&s->tree, conf_of(s), new, e) != 0)
        return -1;
    if (log_open(new->log_target, level, NAME, e) != 0)
        log_error(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, e, NULL, 0);
    conf_release(&s->later);
    s->later = *new;
    s->has_later = true;
    return 0;
}

/* A configuration that is refused changes nothing. */
static int
reload(struct supervisor *s, struct error *e)
{
    struct conf new;

    if (s->tree.stopping)
        return error_set(e, ERROR_UNAVAILABLE, "mesherd is stopping");
    say_reloading(s);
    if (read_again(s, &new, e) == 0 && take_over(s, &new, e) == 0) {
        s->said_ready = false; /* sent again once it has settled */
        log_write(LOG_LEVEL_INFO, LOG_RELOADED, NULL, 0);
        return 0;
    }
    conf_release(&new);
    log_error(LOG_LEVEL_ERROR, LOG_RELOAD_REFUSED, e, NULL, 0);
    notify_send(s->notify, "READY=1");
    return -1;
}

/* ---- signals and requests */

static void
on_signal(void *context)
{
    struct supervisor *s = context;
    struct signalfd_siginfo info;
    struct error e;

    while (io_read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            tree_stop(&s->tree, clock_now_ms());
        else if (info.ssi_signo == SIGHUP)
            (void)reload(s, &e); /* it was logged */
        /* SIGCHLD has already ended the wait, as intended. */
    }
}

static enum control_verdict
on_request(void *context, struct str request, struct buf *out, struct error *e)
{
    struct supervisor *s = context;
    struct str name = request, word = str_cut(&name, ' ');
    char text[CONTROL_LINE_BYTES] = "";

    if (name.p != NULL && name.n > 0)
        (void)memcpy(text, name.p, name.n < sizeof text ? name.n : sizeof text - 1);
    if (str_eq(request, STR("status"))) {
        tree_status(&s->tree, clock_now_ms(), out);
        return CONTROL_DONE;
    }
    if (str_eq(request, STR("stop"))) {
        if (!s->tree.stopping)
            tree_stop(&s->tree, clock_now_ms());
        return CONTROL_LATER;
    }
    if (str_eq(request, STR("reload")))
        return reload(s, e) == 0 ? CONTROL_LATER : CONTROL_REFUSED;
    if (str_eq(word, STR("restart"))) {
        if (s->tree.stopping) {
            error_set(e, ERROR_UNAVAILABLE, "mesherd is stopping");
            return CONTROL_REFUSED;
        }
        return tree_roll_begin(&s->tree, name.p == NULL ? NULL : text, e) == 0
                   ? CONTROL_LATER
                   : CONTROL_REFUSED;
    }
    error_set(e, ERROR_MALFORMED, "no such request");
    return CONTROL_REFUSED;
}

/* ---- set up */

/* systemd expects a message within WATCHDOG_USEC: it gets two. */
static void
set_watchdog(struct supervisor *s)
{
    const char *text = s->env("WATCHDOG_USEC"), *pid = s->env("WATCHDOG_PID");
    int64_t us = 0, whose = 0;

    if (text == NULL || num_parse(str_of(text), 1, INT64_MAX, &us) != 0)
        return;
    if (pid != NULL &&
        (num_parse(str_of(pid), 1, INT64_MAX, &whose) != 0 || whose != (int64_t)getpid()))
        return;
    s->watchdog_ms = us / 2000 > 0 ? us / 2000 : 1;
    s->watchdog_at_ms = clock_now_ms();
}

static int
set_paths(struct supervisor *s, const struct options *o, struct error *e)
{
    const char *path = options_conf_path(o->conf_path, s->env);

    if (path != NULL && realpath(path, s->conf_path) == NULL)
        return error_errno(e, path);
    if (mkdir(s->first->run_dir, RUN_DIR_MODE) != 0 && errno != EEXIST)
        return error_errno(e, s->first->run_dir);
    return 0;
}

/* Opens every socket; waits while children of an earlier mesherd still hold one. */
static int
open_sockets(struct supervisor *s, struct error *e)
{
    int64_t deadline_ms = clock_now_ms() + SOCKETS_MS;

    while (reload_apply(&s->tree, NULL, s->first, e) != 0) {
        if (errno != EADDRINUSE || e->kind != ERROR_SYSTEM ||
            clock_now_ms() >= deadline_ms)
            return -1;
        if (io_wait(s->signal_fd, POLLIN, SOCKETS_AGAIN_MS) != 0)
            on_signal(s);
        if (s->tree.stopping)
            return 0;
    }
    return 0;
}

static int
set_up(struct supervisor *s, const struct options *o, struct error *e)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    struct peers asking;

    s->notify = s->env("NOTIFY_SOCKET");
    if (set_paths(s, o, e) != 0)
        return -1;
    s->lock_fd = pidfile_lock(s->first->run_dir, NAME, e);
    if (s->lock_fd < 0)
        return -1;
    s->signal_fd = signals_open(signals, COUNT_OF(signals), e);
    s->watch_set = s->signal_fd < 0 ? -1 : watch_open(e);
    if (s->watch_set < 0)
        return -1;
    s->signal_watch = (struct watch){on_signal, s};
    if (watch_add(s->watch_set, s->signal_fd, &s->signal_watch, e) != 0 ||
        tree_init(&s->tree, s->first, s->conf_path[0] == '\0' ? NULL : s->conf_path,
                  s->watch_set, e) != 0 ||
        control_open(&s->control, s->first->run_dir, s->watch_set, on_request, s, e) != 0)
        return -1;
    if (peer_parse(s->first->control_users, &asking, e) != 0)
        return error_prefix(e, "control_users");
    if (control_allow(&s->control, s->first->run_dir, &asking, e) != 0)
        return -1;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return error_errno(e, "subreaper");
    set_watchdog(s);
    return open_sockets(s, e);
}

/* ---- the loop */

static void
say_state(struct supervisor *s, const struct options *o)
{
    if (s->tree.stopping && !s->said_stopping) {
        s->said_stopping = true;
        notify_send(s->notify, "STOPPING=1");
    }
    if (s->tree.stopping || s->said_ready || !s->tree.been_up ||
        !tree_is_settled(&s->tree))
        return;
    s->said_ready = true;
    notify_send(s->notify, "READY=1");
    options_say_ready(o);
}

static int64_t
beat(struct supervisor *s, int64_t now_ms)
{
    if (s->watchdog_ms == 0)
        return INT64_MAX;
    if (now_ms >= s->watchdog_at_ms) {
        notify_send(s->notify, "WATCHDOG=1");
        s->watchdog_at_ms = now_ms + s->watchdog_ms;
    }
    return s->watchdog_at_ms;
}

static void
loop(struct supervisor *s, const struct options *o)
{
    for (;;) {
        int64_t now_ms = clock_now_ms(), next_ms = tree_step(&s->tree, now_ms),
                beat_ms = beat(s, now_ms);

        if (tree_is_stopped(&s->tree))
            return;
        if (!s->tree.stopping && tree_is_settled(&s->tree) &&
            control_is_waited_for(&s->control))
            control_finish(&s->control, &s->tree.roll_error);
        say_state(s, o);
        next_ms = next_ms < beat_ms ? next_ms : beat_ms;
        if (next_ms == INT64_MAX)
            watch_serve(s->watch_set, -1);
        else
            watch_serve(s->watch_set, next_ms <= now_ms ? 0 : next_ms - now_ms);
    }
}

static int
verdict(const struct supervisor *s, struct error *e)
{
    if (s->tree.exit_code == 0)
        return 0;
    error_set(e, s->tree.exit_code == ERROR_EXIT_CONFIG ? ERROR_CONFIG : ERROR_SYSTEM,
              "the children cannot be kept running");
    return error_detail(e, "see gave_up above");
}

int
supervisor_run(const struct conf *conf, const struct options *o, conf_getenv *env,
               struct error *e)
{
    static struct supervisor s; /* too large for a stack */
    int rc;

    s = (struct supervisor){
        .first = conf, .env = env, .lock_fd = -1, .signal_fd = -1, .watch_set = -1};
    s.tree.notify_fd = s.control.listen_fd = -1;
    rc = limit_raise(e);
    if (rc == 0)
        rc = set_up(&s, o, e);
    if (rc == 0) {
        log_write(LOG_LEVEL_INFO, LOG_STARTED, NULL, 0);
        loop(&s, o);
        log_write(LOG_LEVEL_INFO, LOG_STOPPED, NULL, 0);
        rc = verdict(&s, e);
    }
    tree_release(&s.tree);
    if (s.control.listen_fd >= 0) {
        control_finish(&s.control, rc == 0 ? NULL : e);
        control_close(&s.control, conf->run_dir);
    }
    if (s.watch_set >= 0)
        (void)close(s.watch_set);
    if (s.signal_fd >= 0)
        (void)close(s.signal_fd);
    if (s.lock_fd >= 0)
        pidfile_unlock(conf->run_dir, NAME, s.lock_fd);
    conf_release(&s.later);
    return rc;
}
