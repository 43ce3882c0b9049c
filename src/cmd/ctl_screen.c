/* mesherctl's output device, and the times that users enter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"
#include "cmd/ctl.h"
#include "event/normal.h"

#define COLUMNS_MAX 10000
#define SECOND_US INT64_C(1000000)
#define DURATION_MAX INT64_C(1000000)

struct ctl_screen
ctl_screen(void)
{
    const char *columns = getenv("COLUMNS"), *none = getenv("NO_COLOR");
    struct ctl_screen s = {SIZE_MAX, 24, isatty(STDOUT_FILENO) == 1, false};
    struct winsize size = {0};
    int64_t n = 0;

    if (s.terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        s.columns = size.ws_col;
        s.rows = size.ws_row > 0 ? size.ws_row : s.rows;
    } else if (s.terminal) {
        s.columns = 80;
    }
    if (columns != NULL && num_parse(str_of(columns), 1, COLUMNS_MAX, &n) == 0)
        s.columns = (size_t)n;
    s.colour = s.terminal && (none == NULL || none[0] == '\0');
    return s;
}

int
ctl_flush(struct ctl *c, struct error *e)
{
    if (c->out.failed)
        return error_set(e, ERROR_SYSTEM, "out of memory");
    if (c->out.n > 0 &&
        io_write_all(STDOUT_FILENO, c->out.data, c->out.n, INT64_MAX) != 0)
        return error_errno(e, "stdout");
    buf_clear(&c->out, SIZE_MAX);
    return 0;
}

/* Converts "24h" to seconds; 0 when it is not a duration. */
static int64_t
duration(struct str text)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', INT64_C(604800)}};

    int64_t n;

    if (text.n < 2 ||
        num_parse((struct str){text.p, text.n - 1}, 1, DURATION_MAX, &n) != 0)
        return 0;
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (units[i].unit == text.p[text.n - 1])
            return n * units[i].seconds;
    return 0;
}

int
ctl_moment(const char *option, const char *text, bool ahead, char out[32],
           struct error *e)
{
    int64_t at_us, seconds = duration(str_of(text));
    char day[40];

    (void)snprintf(day, sizeof day, "%.20sT00:00:00Z", text);
    if (seconds > 0)
        at_us = clock_wall_us() + (ahead ? seconds : -seconds) * SECOND_US;
    else if (memchr(text, '-', strlen(text)) == NULL ||
             (normal_time_text(str_of(text), &at_us) != 0 &&
              (strlen(text) != 10 || normal_time_text(str_of(day), &at_us) != 0)))
        return error_set(e, ERROR_MALFORMED,
                         "%s must be a time (2026-05-01, 2026-05-01T10:00:00Z) or a "
                         "duration (30m, 24h, 7d)",
                         option);
    clock_format(at_us, out);
    return 0;
}

void
ctl_age(struct buf *out, int64_t seconds)
{
    if (seconds < 60)
        buf_add_f(out, "%llds", (long long)seconds);
    else if (seconds < 3600)
        buf_add_f(out, "%lldm", (long long)(seconds / 60));
    else if (seconds < 86400)
        buf_add_f(out, "%lldh", (long long)(seconds / 3600));
    else
        buf_add_f(out, "%lldd", (long long)(seconds / 86400));
}
