/* mesherctl top: event rates on a screen that is updated every two seconds. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "admin/stats.h"
#include "base/clock.h"
#include "base/display.h"
#include "base/io.h"
#include "base/num.h"
#include "base/signals.h"
#include "cmd/ctl.h"

#define ROUND_MS 2000
#define PROJECTS_MAX 512U

/* Switch to the alternate screen, without a cursor; and back. */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME "\033[H"
#define REST_OF_LINE "\033[K"
#define REST_OF_SCREEN "\033[J"

/* Total of accepted events at the last look. */
struct before {
    int64_t at_ms;
    size_t count;

    struct {
        int64_t project, total;
    } row[PROJECTS_MAX];
};

static int64_t
number(const struct table *t, size_t row, enum stats_column column)
{
    int64_t n = 0;

    CHECK(num_parse(table_value(t, row, column), INT64_MIN, INT64_MAX, &n) == 0);
    return n;
}

/* A number of events as a rate. */
static double
rate(const struct table *t, size_t row, enum stats_column column, double seconds)
{
    int64_t n = number(t, row, column);

    return (double)n / seconds;
}

/* Events per second since the last look; returns false when there was none. */
static bool
rate_now(const struct before *b, const struct table *t, size_t row, int64_t now_ms,
         double *out)
{
    for (size_t i = 0; i < b->count && now_ms > b->at_ms; i++)
        if (b->row[i].project == number(t, row, STATS_PROJECT)) {
            int64_t more = number(t, row, STATS_TOTAL) - b->row[i].total;

            *out = (double)more * 1000.0 / (double)(now_ms - b->at_ms);
            return true;
        }
    return false;
}

static void
remember(struct before *b, const struct table *t, int64_t now_ms)
{
    b->at_ms = now_ms;
    b->count = t->row_count < PROJECTS_MAX ? t->row_count : PROJECTS_MAX;
    for (size_t i = 0; i < b->count; i++) {
        b->row[i].project = number(t, i, STATS_PROJECT);
        b->row[i].total = number(t, i, STATS_TOTAL);
    }
}

static void
add_line(struct ctl *c, const struct ctl_screen *s, const struct buf *line)
{
    (void)display_add(&c->out, buf_str(line), s->columns);
    buf_add_text(&c->out, s->terminal ? REST_OF_LINE "\r\n" : "\n");
}

/* Appends the screen: a header, and as many projects as fit. */
static void
add_screen(struct ctl *c, const struct ctl_screen *s, const struct table *t,
           const struct before *b)
{
    size_t rows = s->terminal && t->row_count + 3 > s->rows ? s->rows - 3 : t->row_count;
    int64_t now_ms = clock_now_ms();
    struct buf line = buf_init(4096);

    buf_add_f(&line, "%9s %9s %9s %9s %7s %7s  %s", "NOW/s", "MINUTE/s", "HOUR/s",
              "REFUSED/m", "NEW/d", "OPEN", "PROJECT");
    add_line(c, s, &line);
    for (size_t i = 0; i < rows; i++) {
        double now;

        buf_clear(&line, SIZE_MAX);
        if (rate_now(b, t, i, now_ms, &now))
            buf_add_f(&line, "%9.1f", now);
        else
            buf_add_f(&line, "%9s", "-");
        buf_add_f(&line, " %9.1f %9.1f %9lld %7lld %7lld  ", rate(t, i, STATS_MINUTE, 60),
                  rate(t, i, STATS_HOUR, 3600), (long long)number(t, i, STATS_REFUSED),
                  (long long)number(t, i, STATS_NEW),
                  (long long)number(t, i, STATS_OPEN));
        buf_add_str(&line, table_value(t, i, STATS_NAME));
        add_line(c, s, &line);
    }
    buf_release(&line);
}

/* Waits for the next round; true when the user or a signal ends it. */
static bool
is_over(int signals)
{
    struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                          {.fd = signals, .events = POLLIN}};
    int64_t until_ms = clock_now_ms() + ROUND_MS;
    char key;

    for (;;) {
        int64_t left = until_ms - clock_now_ms();

        if (left <= 0)
            return false;
        if (poll(p, COUNT_OF(p), (int)left) < 0)
            continue;
        if (p[1].revents != 0)
            return true;
        if (p[0].revents != 0 &&
            (io_read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))
            return true;
    }
}

static int
rounds(struct ctl *c, int signals, struct error *e)
{
    static struct before b;
    int rc = 0;

    do {
        struct ctl_screen s = ctl_screen(); /* its size may have changed */
        struct table t;

        if (stats_now(c->db, &t, e) != 0)
            return -1;
        buf_add_text(&c->out, HOME);
        add_screen(c, &s, &t, &b);
        buf_add_text(&c->out, REST_OF_LINE "\r\nq ends" REST_OF_SCREEN);
        remember(&b, &t, clock_now_ms());
        table_release(&t);
        rc = ctl_flush(c, e);
    } while (rc == 0 && !is_over(signals));
    return rc;
}

/* Restores the terminal afterwards, however it ends, except by SIGKILL. */
static int
on_terminal(struct ctl *c, struct error *e)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct termios before, raw;
    struct error ignored;
    int signals = signals_open(ends, COUNT_OF(ends), e), rc;

    if (signals < 0)
        return -1;
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        rc = error_errno(e, "terminal");
        (void)close(signals);
        return rc;
    }
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    buf_add_text(&c->out, ENTER);
    rc = rounds(c, signals, e);
    buf_clear(&c->out, SIZE_MAX);
    buf_add_text(&c->out, LEAVE);
    if (ctl_flush(c, &ignored) != 0 && rc == 0)
        rc = error_errno(e, "stdout");
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    (void)close(signals);
    return rc;
}

int
ctl_top(struct ctl *c, struct error *e)
{
    static const struct before never;
    struct ctl_screen s = ctl_screen();
    struct table t;

    if (!c->json && s.terminal && isatty(STDIN_FILENO) == 1)
        return on_terminal(c, e);
    if (stats_now(c->db, &t, e) != 0)
        return -1;
    s.terminal = false;
    if (c->json)
        ctl_json_rows(&c->out, &t, t.column_count);
    else
        add_screen(c, &s, &t, &never);
    table_release(&t);
    return 0;
}
