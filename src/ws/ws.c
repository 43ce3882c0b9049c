#include "ws/ws.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/signals.h"
#include "front/confined.h"
#include "front/settings.h"
#include "grouping/rules.h"
#include "wire/authkey.h"
#include "ws/connection.h"

#define READ_BYTES 65536U
#define REFUSAL_MS 2000
#define LINGER_MS 250

/* Interval of reporting counts. */
#define COUNTS_MS 1000

/* Time limit after the end of input: below the --closems given to websocketd. */
#define FINISH_MS 4500

struct ws {
    struct connection *connection;
    struct submit *submit;
    int64_t told_ms; /* when counts were last reported */
    int signal_fd;
    bool deaf;            /* the client accepts no more answers */
    int64_t finish_by_ms; /* 0: not yet */
};

static struct str
variable(const char *name)
{
    struct str s = str_of(getenv(name));

    return s.n == 0 ? STR_NONE : s;
}

/* A browser sends its origin, which must be in the list, if there is one; other clients
 * send none. */
static int
check_origin(const struct conf *conf, struct error *e)
{
    struct str origin = variable("HTTP_ORIGIN"), list = str_of(conf->ws_origins);

    if (origin.p == NULL || list.n == 0)
        return 0;
    while (list.p != NULL)
        if (str_eq_nocase(str_trim(str_cut(&list, ',')), origin))
            return 0;
    return error_set(e, ERROR_FORBIDDEN, "origin not allowed");
}

static int
check_path(struct error *e)
{
    struct str path = variable("PATH_INFO");

    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    if (path.n <= 1 || str_eq(path, STR("/ingest")) ||
        (path.n > 7 && str_eq((struct str){path.p + path.n - 7, 7}, STR("/ingest"))))
        return 0;
    return error_set(e, ERROR_NOT_FOUND, "not found");
}

static int
find_key(struct key *out, struct error *e)
{
    struct authkey_sources from = {.x_sentry_auth = variable("HTTP_X_SENTRY_AUTH"),
                                   .authorization = variable("HTTP_AUTHORIZATION"),
                                   .query = variable("QUERY_STRING")};

    return authkey_find(&from, out, e);
}

static struct connection *
begin(const struct conf *conf, const struct rules *rules, struct submit *submit,
      struct error *e)
{
    struct connection_settings s = {.submit = submit,
                                    .writer_socket = conf->writer_socket,
                                    .slot_dir = conf->slot_dir,
                                    .max_project = (size_t)conf->ws_max_project,
                                    .max_all = (size_t)conf->ws_max,
                                    .window_messages = (size_t)conf->ws_window_messages,
                                    .window_bytes = (size_t)conf->ws_window_bytes,
                                    .bulk_max_events = (size_t)conf->bulk_max_events,
                                    .compression_level = (int)conf->compression_level,
                                    .rules = rules,
                                    .timeout_ms = conf->submit_timeout * 1000,
                                    .request_cpu_ms = conf->request_cpu};

    if (check_path(e) != 0 || check_origin(conf, e) != 0 || find_key(&s.key, e) != 0)
        return NULL;
    return connection_new(&s, e);
}

/* websocketd discards our last output if it sees our exit while it writes to us: reads on
 * for a moment. */
static void
linger(void)
{
    static char bytes[READ_BYTES];
    int64_t until_ms = clock_now_ms() + LINGER_MS;

    for (;;) {
        int64_t left = until_ms - clock_now_ms();

        if (left <= 0 || io_wait(STDIN_FILENO, POLLIN, left) <= 0 ||
            io_read(STDIN_FILENO, bytes, sizeof bytes) <= 0)
            return;
    }
}

/* Writes one line and closes: there is no other way to give the reason. */
static void
refuse(const struct error *e)
{
    struct buf line = buf_init(LIMIT_KIB);

    connection_refusal(e, &line);
    (void)!io_write_all(STDOUT_FILENO, line.data, line.n, clock_now_ms() + REFUSAL_MS);
    buf_release(&line);
    if (e->kind == ERROR_UNAVAILABLE || e->kind == ERROR_SYSTEM)
        log_error(LOG_LEVEL_ERROR, LOG_REQUEST_FAILED, e, NULL, 0);
    else
        log_error(LOG_LEVEL_DEBUG, LOG_REQUEST_REFUSED, e, NULL, 0);
    linger();
}

static void
finish(struct ws *w)
{
    connection_end(w->connection);
    if (w->finish_by_ms == 0)
        w->finish_by_ms = clock_now_ms() + FINISH_MS;
}

static void
read_input(struct ws *w)
{
    static char bytes[READ_BYTES];
    ssize_t got = io_read(STDIN_FILENO, bytes, sizeof bytes);

    if (got > 0)
        connection_feed(w->connection, bytes, (size_t)got);
    else if (got == 0 || errno != EAGAIN)
        finish(w);
}

static void
write_output(struct ws *w)
{
    struct buf *out = connection_out(w->connection);
    ssize_t put = io_write(STDOUT_FILENO, out->data, out->n);

    if (put > 0) {
        buf_drop(out, (size_t)put);
    } else if (put < 0 &&
               errno != EAGAIN) { /* gone: its messages are stored nevertheless */
        w->deaf = true;
        finish(w);
    }
}

/* SIGTERM: a restart.  SIGINT is sent by websocketd when it has waited long enough; by
 * then the end of input was seen. */
static void
read_signal(struct ws *w)
{
    struct signalfd_siginfo info;

    if (io_read(w->signal_fd, &info, sizeof info) == (ssize_t)sizeof info &&
        info.ssi_signo == SIGTERM)
        finish(w);
}

static int64_t
time_left(const struct ws *w, int64_t wait_ms)
{
    int64_t left;

    if (w->finish_by_ms == 0)
        return wait_ms;
    left = w->finish_by_ms - clock_now_ms();
    left = left < 0 ? 0 : left;
    return wait_ms < 0 || left < wait_ms ? left : wait_ms;
}

/* Uses a separate connection to the writer, which is not kept. */
static void
tell_counts(struct ws *w)
{
    if (!submit_has_counts(w->submit) || clock_now_ms() - w->told_ms < COUNTS_MS)
        return;
    submit_flush_outcomes(w->submit);
    submit_disconnect(w->submit);
    w->told_ms = clock_now_ms();
}

static int
loop(struct ws *w, struct error *e)
{
    for (;;) {
        struct pollfd p[4] = {{.fd = -1, .events = POLLIN},
                              {.fd = -1, .events = POLLOUT},
                              {.fd = w->signal_fd, .events = POLLIN},
                              {.fd = -1}};
        struct buf *out = connection_out(w->connection);
        int64_t wait_ms;

        if (w->deaf)
            buf_clear(out, 0);
        if (out->n == 0 && connection_is_done(w->connection))
            return 0;
        if (w->finish_by_ms != 0 && clock_now_ms() >= w->finish_by_ms)
            return 0;
        p[0].fd = connection_wants_input(w->connection) ? STDIN_FILENO : -1;
        p[1].fd = out->n > 0 ? STDOUT_FILENO : -1;
        p[3].fd = connection_fd(w->connection, &p[3].events, &wait_ms);
        wait_ms = time_left(w, wait_ms);
        if (submit_has_counts(w->submit) && (wait_ms < 0 || wait_ms > COUNTS_MS))
            wait_ms = COUNTS_MS;
        if (poll(p, COUNT_OF(p), wait_ms > 60000 ? 60000 : (int)wait_ms) < 0 &&
            errno != EINTR)
            return error_errno(e, "poll");
        if (p[2].revents != 0)
            read_signal(w);
        if (p[0].revents != 0)
            read_input(w);
        connection_serve(w->connection);
        tell_counts(w);
        if (connection_out(w->connection)->n > 0 && !w->deaf)
            write_output(w);
    }
}

static int
set_up(struct ws *w, struct error *e)
{
    static const int signals[] = {SIGTERM, SIGINT};
    int flags = fcntl(STDOUT_FILENO, F_GETFL);

    w->signal_fd = signals_open(signals, COUNT_OF(signals), e);
    if (w->signal_fd < 0)
        return -1;
    if (flags < 0 || fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK) != 0)
        return error_errno(e, "descriptors");
    return 0;
}

int
ws_serve(const struct conf *conf, struct error *e)
{
    struct submit_settings submit = settings_submit(conf, false, false);
    struct rules *rules = NULL;
    struct submit *s;
    struct ws w = {.signal_fd = -1};
    int rc = -1;

    if (rules_load(conf->grouping_rules, &rules, e) != 0)
        return -1;
    s = submit_new(&submit);
    w.submit = s;
    if (s == NULL) {
        error_set(e, ERROR_SYSTEM, "out of memory");
    } else if (set_up(&w, e) == 0) {
        confined_begin(conf, CONFINE_HANDLER);
        w.connection = begin(conf, rules, s, e);
        if (w.connection == NULL)
            refuse(e);
        rc = w.connection == NULL ? 0 : loop(&w, e);
        if (submit_has_counts(s))
            submit_flush_outcomes(s);
    }
    connection_free(w.connection);
    submit_free(s);
    rules_free(rules);
    if (w.signal_fd >= 0)
        (void)close(w.signal_fd);
    return rc;
}
