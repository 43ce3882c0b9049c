#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define LINE_BYTES ((size_t)1024)
#define REPEAT_MS 1000

static const char *const event_names[N_LOG_EVENTS] = {
    [LOG_STARTED] = "started",
    [LOG_STOPPED] = "stopped",
    [LOG_CONFINED] = "confined",
    [LOG_CANNOT_START] = "cannot_start",
    [LOG_REQUEST_FAILED] = "request_failed",
    [LOG_REQUEST_REFUSED] = "request_refused",
    [LOG_DATABASE_LOST] = "database_lost",
    [LOG_DATABASE_BACK] = "database_back",
    [LOG_WRITER_LOST] = "writer_lost",
    [LOG_WRITER_BACK] = "writer_back",
    [LOG_CLIENT_DISCONNECTED] = "client_disconnected",
    [LOG_PEER_REFUSED] = "peer_refused",
    [LOG_POISON] = "poison",
    [LOG_PARTITION_MADE] = "partition_made",
    [LOG_PARTITION_DROPPED] = "partition_dropped",
    [LOG_CLOCK_DIFFERS] = "clock_differs",
    [LOG_SCHEMA_MISMATCH] = "schema_mismatch",
    [LOG_OUT_OF_RESOURCES] = "out_of_resources",
    [LOG_SPOOLED] = "spooled",
    [LOG_SPOOL_REFUSES] = "spool_refuses",
    [LOG_SPOOL_DAMAGED] = "spool_damaged",
    [LOG_SPOOL_DRAINED] = "spool_drained",
    [LOG_SPOOL_NO_PROJECT] = "spool_no_project",
    [LOG_CHILD_STARTED] = "child_started",
    [LOG_CHILD_ENDED] = "child_ended",
    [LOG_CHILD_KILLED] = "child_killed",
    [LOG_CHILD_FAILED] = "child_failed",
    [LOG_GAVE_UP] = "gave_up",
    [LOG_RELOADED] = "reloaded",
    [LOG_RELOAD_REFUSED] = "reload_refused",
    [LOG_INTERNAL_ERROR] = "internal_error",
};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

/* A process has one log; this is its only state. */
static struct {
    int fd;
    int to_syslog;
    enum log_level level;
    const char *program;

    struct {
        int64_t written_ms;
        int64_t held_back;
    } event[N_LOG_EVENTS];
} the_log = {.fd = STDERR_FILENO, .level = LOG_LEVEL_INFO, .program = "mesher"};

const char *
log_event_name(enum log_event event)
{
    return event_names[event];
}

int
log_level_parse(struct str word, enum log_level *out)
{
    for (size_t i = 0; i < COUNT_OF(level_names); i++)
        if (str_eq(word, str_of(level_names[i]))) {
            *out = (enum log_level)i;
            return 0;
        }
    return -1;
}

int
log_open(const char *target, enum log_level level, const char *program, struct error *e)
{
    int fd = STDERR_FILENO;

    if (target[0] == '/') {
        fd = open(target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
        if (fd < 0)
            return error_errno(e, target);
    } else if (strcmp(target, "stderr") != 0 && strcmp(target, "syslog") != 0) {
        return error_set(e, ERROR_CONFIG,
                         "log_target must be stderr, syslog or an absolute path");
    }
    if (the_log.fd != STDERR_FILENO)
        (void)close(the_log.fd);
    the_log.to_syslog = strcmp(target, "syslog") == 0;
    if (the_log.to_syslog)
        openlog(program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
    the_log.fd = fd;
    the_log.level = level;
    the_log.program = program;
    return 0;
}

bool
log_wants(enum log_level level)
{
    return level <= the_log.level;
}

static void
add_quoted(struct buf *b, struct str s)
{
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.n && b->n < LINE_BYTES; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c == '"' || c == '\\')
            buf_add_f(b, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_add_f(b, "\\x%02x", c);
        else
            buf_add_char(b, (char)c);
    }
    buf_add_char(b, '"');
}

/* A flood of one event must not fill a disk; the first line of a second and the number of
 * the others are enough.  Errors of one kind with different details are rare enough to
 * lose some. */
static bool
is_held_back(enum log_level level, enum log_event event)
{
    int64_t now_ms = clock_now_ms();

    if (level > LOG_LEVEL_WARNING)
        return false;
    if (the_log.event[event].written_ms != 0 &&
        now_ms - the_log.event[event].written_ms < REPEAT_MS) {
        the_log.event[event].held_back++;
        return true;
    }
    the_log.event[event].written_ms = now_ms;
    return false;
}

static void
emit(enum log_level level, struct buf *line)
{
    static const int priority[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
    char *end;

    if (line->failed || line->n > LINE_BYTES) {
        line->failed = false;
        line->n = line->n > LINE_BYTES ? LINE_BYTES : line->n;
        buf_add_text(line, "…\"");
    }
    if (the_log.to_syslog) {
        syslog(priority[level], "%.*s", (int)line->n,
               line->data == NULL ? "" : line->data);
        return;
    }
    end = buf_reserve(line, 1);
    if (end == NULL)
        return;
    *end = '\n';
    /* One write, so that lines of several processes do not mix; when the log cannot be
     * written, there is nowhere to report it. */
    if (write(the_log.fd, line->data, line->n + 1) < 0)
        return;
}

void
log_write(enum log_level level, enum log_event event, const struct log_pair *pairs,
          size_t count)
{
    struct buf line = buf_init(LINE_BYTES * 2);

    if (!log_wants(level) || is_held_back(level, event))
        return;
    if (!the_log.to_syslog) {
        char ts[CLOCK_TEXT_BYTES];

        clock_format(clock_wall_us(), ts);
        buf_add_f(&line, "ts=%s ", ts);
    }
    buf_add_f(&line, "level=%s prog=%s pid=%ld event=%s", level_names[level],
              the_log.program, (long)getpid(), event_names[event]);
    for (size_t i = 0; i < count; i++) {
        buf_add_f(&line, " %s=", pairs[i].name);
        if (pairs[i].text.p != NULL)
            add_quoted(&line, pairs[i].text);
        else
            buf_add_f(&line, "%lld", (long long)pairs[i].number);
    }
    if (the_log.event[event].held_back > 0) {
        buf_add_f(&line, " repeated=%lld", (long long)the_log.event[event].held_back);
        the_log.event[event].held_back = 0;
    }
    emit(level, &line);
    buf_release(&line);
}

void
log_error(enum log_level level, enum log_event event, const struct error *e,
          const char *name, int64_t n)
{
    struct log_pair pairs[4];
    size_t count = 0;

    if (name != NULL)
        pairs[count++] = LOG_NUMBER(name, n);
    pairs[count++] = LOG_TEXT("text", str_of(e->text));
    if (e->detail[0] != '\0')
        pairs[count++] = LOG_TEXT("detail", str_of(e->detail));
    if (e->sqlstate[0] != '\0')
        pairs[count++] = LOG_TEXT("sqlstate", str_of(e->sqlstate));
    log_write(level, event, pairs, count);
}
