#include "super/tree.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "super/notify.h"
#include "super/process.h"
#include "super/spawn.h"

static void
replace(struct tree *t, struct child *c, int64_t now_ms)
{
    c->replace = false;
    t->rolling = c;
    t->changed = true;
    if (child_runs(c)) {
        child_stop(c, now_ms);
        return;
    }
    child_wait(c, now_ms);
}

static void
roll_step(struct tree *t, int64_t now_ms)
{
    if (t->rolling != NULL && t->rolling->state != CHILD_UP &&
        t->rolling->state != CHILD_DONE && t->rolling->state != CHILD_DOWN)
        return;
    t->rolling = NULL;
    for (struct tree_walk w = {0}; tree_next(t, &w);)
        if (w.c->replace) {
            replace(t, w.c, now_ms);
            return;
        }
}

static bool
has_name(const struct service *s, const struct child *c, const char *name)
{
    return strcmp(s->conf.name, name) == 0 || strcmp(c->name, name) == 0;
}

int
tree_roll_begin(struct tree *t, const char *name, struct error *e)
{
    bool found = name == NULL;

    t->roll_error = (struct error){.kind = ERROR_NONE};
    for (struct tree_walk w = {0}; tree_next(t, &w);)
        if (!w.s->leaving && !w.c->surplus && w.s->begun &&
            (name == NULL ? w.s->conf.rolling : has_name(w.s, w.c, name))) {
            w.c->replace = true;
            found = true;
        }
    return found ? 0 : error_set(e, ERROR_NOT_FOUND, "no child %.64s", name);
}

static void
roll_abort(struct tree *t, const struct child *c, const char *why)
{
    (void)error_set(&t->roll_error, ERROR_SYSTEM, "a child failed");
    (void)error_detail(&t->roll_error, "%s: %s; it stays down", c->name, why);
    t->rolling = NULL;
    for (struct tree_walk w = {0}; tree_next(t, &w);)
        w.c->replace = false;
}

#define HURRY_MS 1000
#define STRAY_MS 5000
#define LOOK_AGAIN_MS 50

/* ---- begin and end */

static void on_notify(void *context);

int
tree_init(struct tree *t, const struct conf *conf, const char *conf_path, int watch_set,
          struct error *e)
{
    *t = (struct tree){.world = {.run_dir = conf->run_dir,
                                 .conf_path = conf_path,
                                 .watch_set = watch_set},
                       .notify_watch = {on_notify, t}};
    intensity_init(&t->intensity, (size_t)conf->restart_max, conf->restart_window * 1000);
    t->notify_fd = notify_open(t->world.notify_name, e);
    if (t->notify_fd < 0)
        return -1;
    return watch_add(watch_set, t->notify_fd, &t->notify_watch, e);
}

void
tree_release(struct tree *t)
{
    for (size_t i = 0; i < t->count; i++) {
        service_unlisten(t->services[i]);
        service_free(t->services[i]);
    }
    t->count = 0;
    if (t->notify_fd >= 0)
        (void)close(t->notify_fd);
    t->notify_fd = -1;
}

bool
tree_next(const struct tree *t, struct tree_walk *w)
{
    for (; w->service < t->count; w->service++, w->child = 0)
        if (w->child < t->services[w->service]->count) {
            w->s = t->services[w->service];
            w->c = &w->s->children[w->child++];
            return true;
        }
    return false;
}

static struct child *
find_pid(const struct tree *t, pid_t pid, struct service **s)
{
    for (struct tree_walk w = {0}; tree_next(t, &w);)
        if (w.c->pid == pid) {
            *s = w.s;
            return w.c;
        }
    return NULL;
}

static void
on_notify(void *context)
{
    struct tree *t = context;
    struct service *s;
    bool ready;
    pid_t from;

    while (notify_receive(t->notify_fd, &from, &ready)) {
        struct child *c = from > 0 && ready ? find_pid(t, from, &s) : NULL;

        if (c != NULL)
            child_notified(c);
    }
}

/* ---- deaths */

/* Logs the end of a child; why: absent when there is no more to say. */
static void
note(enum log_level level, enum log_event event, const struct child *c, const char *why)
{
    struct child_end_text end = child_end_text(c);
    struct log_pair pairs[] = {LOG_TEXT("child", str_of(c->name)),
                               LOG_TEXT("end", str_of(end.text)),
                               LOG_TEXT("detail", str_of(why))};

    log_write(level, event, pairs, why == NULL ? 2 : COUNT_OF(pairs));
}

/* Stops the tree because of this child. */
static void
give_up(struct tree *t, const struct child *c, const char *why, int code, int64_t now_ms)
{
    if (t->stopping)
        return;
    note(LOG_LEVEL_ERROR, LOG_GAVE_UP, c, why);
    t->exit_code = code;
    tree_stop(t, now_ms);
}

/* It stays down; a rolling restart ends here, before it does more harm. */
static void
stay_down(struct tree *t, struct child *c)
{
    note(LOG_LEVEL_ERROR, LOG_CHILD_FAILED, c, "stays down");
    child_become(c, CHILD_FAILED);
    roll_abort(t, c, child_end_text(c).text);
}

static void
died(struct tree *t, const struct service *s, struct child *c, int64_t now_ms)
{
    int code = WIFEXITED(c->end_status) ? WEXITSTATUS(c->end_status) : -1;
    bool hopeless =
        code == ERROR_EXIT_CONFIG || (code == SPAWN_NO_PROGRAM && !c->been_up);

    note(LOG_LEVEL_WARNING, LOG_CHILD_ENDED, c, NULL);
    if (t->stopping || s->leaving || c->surplus) {
        child_become(c, CHILD_DOWN);
        return;
    }
    if (s->conf.oneshot || hopeless) {
        if (s->been_up || t->been_up) {
            stay_down(t, c);
            return;
        }
        child_become(c, CHILD_DOWN);
        give_up(t, c, hopeless ? "a restart will not help" : "it failed",
                hopeless ? ERROR_EXIT_CONFIG : ERROR_EXIT_SYSTEM, now_ms);
        return;
    }
    child_wait(c, now_ms + backoff_after(&c->backoff, now_ms - c->started_ms));
    c->restarts++;
    if (!intensity_bears(&t->intensity, now_ms)) {
        child_become(c, CHILD_DOWN);
        give_up(t, c, "too many restarts", ERROR_EXIT_SYSTEM, now_ms);
    }
}

/* A child that was asked to exit: to be replaced or removed. */
static void
ended_as_asked(struct tree *t, const struct service *s, struct child *c, int64_t now_ms)
{
    note(LOG_LEVEL_INFO, LOG_CHILD_ENDED, c, NULL);
    if (t->stopping || s->leaving || c->surplus) {
        child_become(c, CHILD_DOWN);
        return;
    }
    child_wait(c, now_ms);
    c->backoff = (struct backoff){0}; /* perhaps another program, with a longer life */
}

static void
reap(struct tree *t, int64_t now_ms)
{
    for (;;) {
        struct service *s = NULL;
        struct child *c;
        enum child_state was;
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);

        t->none_left = pid < 0 && errno == ECHILD;
        if (pid <= 0)
            return;
        c = find_pid(t, pid, &s);
        if (c == NULL)
            continue; /* a stray, or a member of a group whose leader has ended */
        was = c->state;
        child_ended(c, &t->world, status, now_ms);
        t->changed = true;
        if (was == CHILD_STOPPING) {
            ended_as_asked(t, s, c, now_ms);
        } else if (s->conf.oneshot && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            note(LOG_LEVEL_INFO, LOG_CHILD_ENDED, c, NULL);
            child_become(c, CHILD_DONE);
            c->been_up = true;
        } else {
            died(t, s, c, now_ms);
        }
    }
}

/* ---- strays */

static bool
is_known(const void *context, pid_t group)
{
    const struct tree *t = context;

    for (struct tree_walk w = {0}; tree_next(t, &w);)
        if (w.c->pid == group)
            return true;
    return leftovers_knows(&t->world.leftovers, group);
}

/* Asks strays to exit, and kills them when their time is up.  Returns whether there are
 * any. */
static bool
end_strays(struct tree *t, int64_t now_ms)
{
    int how = 0;

    if (t->stray_kill_at_ms == 0)
        how = SIGTERM;
    else if (now_ms >= t->stray_kill_at_ms)
        how = SIGKILL;
    if (process_strays(is_known, t, how) == 0) {
        t->stray_kill_at_ms = 0;
        return false;
    }
    if (t->stray_kill_at_ms == 0)
        t->stray_kill_at_ms = now_ms + STRAY_MS;
    return true;
}

/* ---- start */

/* Starts sections one after the other, up to the first that is not ready. */
static void
begin_services(struct tree *t, int64_t now_ms)
{
    for (size_t i = 0; i < t->count; i++) {
        struct service *s = t->services[i];

        if (s->leaving)
            continue;
        if (!s->begun) {
            s->begun = true;
            for (size_t k = 0; k < s->count; k++)
                child_wait(&s->children[k], now_ms);
            t->changed = true;
        }
        if (!s->been_up && service_is_up(s))
            s->been_up = true;
        if (!s->been_up)
            return;
    }
    t->been_up = true;
}

/* A child that must run alone waits for the remains of the previous one.  Returns when to
 * check again. */
static int64_t
start_when_due(struct tree *t, struct child *c, int64_t now_ms)
{
    if (t->stopping)
        return INT64_MAX;
    if (now_ms < c->start_at_ms)
        return c->start_at_ms;
    if (c->conf->alone &&
        (leftovers_has(&t->world.leftovers, c) || end_strays(t, now_ms)))
        return now_ms + LOOK_AGAIN_MS;
    child_start(c, &t->world, now_ms);
    return now_ms;
}

/* ---- stop */

void
tree_stop(struct tree *t, int64_t now_ms)
{
    bool again = t->stopping;

    t->stopping = true;
    t->rolling = NULL;
    t->changed = true;
    if (!again)
        return;
    for (struct tree_walk w = {0}; tree_next(t, &w);) {
        child_stop(w.c, now_ms);
        child_hurry(w.c, now_ms + HURRY_MS);
    }
    leftovers_hurry(&t->world.leftovers, now_ms + HURRY_MS);
    if (t->stray_kill_at_ms != 0)
        t->stray_kill_at_ms = now_ms;
}

static void
stop_children(struct tree *t, struct service *s, int64_t now_ms, bool all)
{
    for (size_t i = 0; i < s->count; i++) {
        struct child *c = &s->children[i];
        enum child_state was = c->state;

        if ((!all && !c->surplus) || c->state == CHILD_DOWN)
            continue;
        c->replace = false;
        child_stop(c, now_ms);
        t->changed = t->changed || c->state != was;
    }
}

/* Stops the last section that is still running. */
static void
stop_services(struct tree *t, int64_t now_ms)
{
    for (size_t i = t->count; i > 0; i--) {
        struct service *s = t->services[i - 1];

        stop_children(t, s, now_ms, true);
        if (!service_is_gone(s, &t->world.leftovers))
            return;
        service_unlisten(s);
    }
}

/* Removed sections, and surplus instances. */
static void
let_go(struct tree *t, int64_t now_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->count; i++) {
        struct service *s = t->services[i];

        stop_children(t, s, now_ms, s->leaving);
        while (s->count > 0 && s->children[s->count - 1].surplus &&
               s->children[s->count - 1].state == CHILD_DOWN &&
               !leftovers_has(&t->world.leftovers, &s->children[s->count - 1]))
            s->count--;
        if (s->leaving && service_is_gone(s, &t->world.leftovers)) {
            service_unlisten(s);
            service_free(s);
            continue;
        }
        t->services[kept++] = s;
    }
    t->count = kept;
}

/* ---- the round */

static int64_t
earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Ends everything that belongs to no section, once all sections are down.  Returns when
 * to check again. */
static int64_t
finish(struct tree *t, int64_t now_ms)
{
    for (size_t i = 0; i < t->count; i++)
        if (!service_is_gone(t->services[i], &t->world.leftovers))
            return INT64_MAX;
    if (t->none_left)
        return INT64_MAX;
    (void)end_strays(t, now_ms);
    return now_ms + LOOK_AGAIN_MS;
}

static int64_t
step_children(struct tree *t, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;

    for (struct tree_walk w = {0}; tree_next(t, &w);) {
        enum child_state was = w.c->state;

        if (was == CHILD_WAITING)
            next_ms = earlier(next_ms, start_when_due(t, w.c, now_ms));
        next_ms = earlier(next_ms, w.c->state == CHILD_WAITING ? INT64_MAX
                                                               : child_step(w.c, now_ms));
        t->changed = t->changed || w.c->state != was;
    }
    return next_ms;
}

int64_t
tree_step(struct tree *t, int64_t now_ms)
{
    int64_t next_ms;

    t->changed = false;
    reap(t, now_ms);
    next_ms = leftovers_step(&t->world.leftovers, now_ms);
    if (t->stopping) {
        stop_services(t, now_ms);
    } else {
        let_go(t, now_ms);
        begin_services(t, now_ms);
        roll_step(t, now_ms);
    }
    next_ms = earlier(next_ms, step_children(t, now_ms));
    if (t->stopping)
        next_ms = earlier(next_ms, finish(t, now_ms));
    return t->changed ? now_ms : next_ms;
}

bool
tree_is_stopped(const struct tree *t)
{
    if (!t->stopping || !t->none_left)
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (!service_is_gone(t->services[i], &t->world.leftovers))
            return false;
    return true;
}

bool
tree_is_settled(const struct tree *t)
{
    bool blocked = false; /* by a failed section: later ones do not start */

    if (t->rolling != NULL)
        return false;
    for (struct tree_walk w = {0}; tree_next(t, &w);) {
        const struct child *c = w.c;

        if (w.s->leaving || c->surplus || c->replace)
            return false;
        if (c->state == CHILD_FAILED)
            blocked = blocked || !w.s->been_up;
        else if (!c->been_up && (w.s->begun || !blocked))
            return false;
    }
    return true;
}

void
tree_status(const struct tree *t, int64_t now_ms, struct buf *out)
{
    for (struct tree_walk w = {0}; tree_next(t, &w);)
        if (w.c->state != CHILD_DONE) /* it is not a process any more */
            child_status(w.c, now_ms, out);
}
