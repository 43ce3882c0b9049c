#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"
#include "unit.h"

#define LINE_BYTES 1024U

static char path[256];
static struct buf written;

static void
open_log(enum log_level level)
{
    struct error e;

    (void)snprintf(path, sizeof path, "%s/log", unit_dir());
    UNIT_EQ(log_open(path, level, "unit", &e), 0);
}

/* What was logged since open_log(); the log goes to stderr again. */
static struct str
close_log(void)
{
    struct error e;

    UNIT_EQ(log_open("stderr", LOG_LEVEL_INFO, "unit", &e), 0);
    buf_release(&written);
    written = buf_init(100000);
    UNIT_EQ(io_read_file(path, &written, &e), 0);
    return unit_exact(buf_str(&written));
}

static size_t
count_of(struct str s, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

/* Is line, its time left out, of this level and this program, and does it end so? */
static bool
is_line(struct str line, const char *level, const char *rest)
{
    char expected[2048];
    const size_t stamp = sizeof "ts=2026-05-01T10:00:00.123456Z " - 1;
    int n = snprintf(expected, sizeof expected, "level=%s prog=unit pid=%ld %s", level,
                     (long)getpid(), rest);

    return n > 0 && line.n == stamp + (size_t)n && str_starts(line, STR("ts=")) &&
           line.p[stamp - 2] == 'Z' && memcmp(line.p + stamp, expected, (size_t)n) == 0;
}

static void
a_line_has_time_level_program_and_event(void)
{
    const struct log_pair pairs[] = {LOG_TEXT("a", STR("x y")), LOG_NUMBER("b", -7),
                                     LOG_TEXT("c", STR(""))};

    open_log(LOG_LEVEL_INFO);
    log_write(LOG_LEVEL_INFO, LOG_STARTED, pairs, COUNT_OF(pairs));
    UNIT(is_line(close_log(), "info", "event=started a=\"x y\" b=-7 c=\"\"\n"));
    buf_release(&written);
}

static void
an_error_brings_detail_and_sqlstate(void)
{
    struct error e;

    error_set(&e, ERROR_UNAVAILABLE, "database unavailable");
    error_detail(&e, "connect: refused");
    (void)snprintf(e.sqlstate, sizeof e.sqlstate, "57P03");
    open_log(LOG_LEVEL_ERROR);
    log_error(LOG_LEVEL_ERROR, LOG_SCHEMA_MISMATCH, &e, "project", 4);
    UNIT(is_line(close_log(), "error",
                 "event=schema_mismatch project=4 "
                 "text=\"database unavailable\" detail=\"connect: refused\" "
                 "sqlstate=\"57P03\"\n"));
    buf_release(&written);
}

static void
no_text_can_forge_a_line(void)
{
    char all[256];
    struct str line;

    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    open_log(LOG_LEVEL_INFO);
    log_write(LOG_LEVEL_INFO, LOG_STARTED,
              &LOG_TEXT("text", unit_exact(STR("a\" level=error\nts=\r\x1b[2J\\"))), 1);
    line = close_log();
    UNIT(is_line(line, "info",
                 "event=started "
                 "text=\"a\\\" level=error\\x0ats=\\x0d\\x1b[2J\\\\\"\n"));
    (void)unlink(path);
    open_log(LOG_LEVEL_INFO);
    log_write(LOG_LEVEL_INFO, LOG_STARTED,
              &LOG_TEXT("text", unit_exact((struct str){all, sizeof all})), 1);
    line = close_log();
    for (size_t i = 0; i + 1 < line.n; i++)
        UNIT((unsigned char)line.p[i] >= 0x20 && line.p[i] != 0x7f);
    UNIT(count_of(line, '\n') == 1 && line.p[line.n - 1] == '\n');
    buf_release(&written);
}

static void
a_long_line_is_cut_at_1_kib(void)
{
    static char text[4000];
    struct str line;

    (void)memset(text, 'x', sizeof text);
    for (size_t n = 930; n <= sizeof text; n += n < 1030 ? 1 : 1000) {
        const struct log_pair pairs[] = {LOG_TEXT("a", unit_exact((struct str){text, n})),
                                         LOG_TEXT("b", STR("\"\"\"\"\"\"\"\""))};

        (void)unlink(path);
        open_log(LOG_LEVEL_INFO);
        log_write(LOG_LEVEL_INFO, LOG_STARTED, pairs, 1 + n % 2);
        line = close_log();
        UNIT(count_of(line, '\n') == 1 && line.p[line.n - 1] == '\n');
        UNIT(line.n <= LINE_BYTES + sizeof "…\"\n" - 1);
        UNIT_EQ(line.p[line.n - 2], '"');
    }
    UNIT_EQ(line.n, LINE_BYTES + sizeof "…\"\n" - 1);
    buf_release(&written);
}

static void
repeats_within_a_second_are_counted(void)
{
    struct str log;

    open_log(LOG_LEVEL_INFO);
    for (int i = 0; i < 5; i++)
        log_write(LOG_LEVEL_WARNING, LOG_CLIENT_DISCONNECTED, NULL, 0);
    log_write(LOG_LEVEL_ERROR, LOG_CLIENT_DISCONNECTED, NULL, 0);
    log_write(LOG_LEVEL_WARNING, LOG_WRITER_LOST, NULL, 0);
    /* The life cycle is never held back, and says how much was. */
    log_write(LOG_LEVEL_INFO, LOG_CLIENT_DISCONNECTED, NULL, 0);
    log_write(LOG_LEVEL_INFO, LOG_CLIENT_DISCONNECTED, NULL, 0);
    log = close_log();
    UNIT_EQ(count_of(log, '\n'), 4);
    UNIT(is_line(str_cut(&log, '\n'), "warning", "event=client_disconnected"));
    UNIT(is_line(str_cut(&log, '\n'), "warning", "event=writer_lost"));
    UNIT(is_line(str_cut(&log, '\n'), "info", "event=client_disconnected repeated=5"));
    UNIT(is_line(str_cut(&log, '\n'), "info", "event=client_disconnected"));
    buf_release(&written);
}

static void
levels_below_the_chosen_one_are_not_written(void)
{
    open_log(LOG_LEVEL_WARNING);
    UNIT(log_wants(LOG_LEVEL_ERROR) && log_wants(LOG_LEVEL_WARNING));
    UNIT(!log_wants(LOG_LEVEL_INFO) && !log_wants(LOG_LEVEL_DEBUG));
    log_write(LOG_LEVEL_INFO, LOG_STOPPED, NULL, 0);
    log_write(LOG_LEVEL_DEBUG, LOG_STOPPED, NULL, 0);
    UNIT_EQ(close_log().n, 0);
    buf_release(&written);
}

static void
targets_and_levels_are_checked(void)
{
    static const char *const words[] = {"error", "warning", "info", "debug"};
    enum log_level level;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(words); i++)
        UNIT(log_level_parse(str_of(words[i]), &level) == 0 && (size_t)level == i);
    UNIT_EQ(log_level_parse(STR("Error"), &level), -1);
    UNIT_EQ(log_level_parse(STR(""), &level), -1);
    UNIT_EQ(log_level_parse(STR("debug "), &level), -1);
    UNIT(log_open("stdout", LOG_LEVEL_INFO, "unit", &e) == -1 && e.kind == ERROR_CONFIG);
    UNIT(log_open("", LOG_LEVEL_INFO, "unit", &e) == -1 && e.kind == ERROR_CONFIG);
    (void)snprintf(path, sizeof path, "%s/none/log", unit_dir());
    UNIT(log_open(path, LOG_LEVEL_INFO, "unit", &e) == -1 && e.kind == ERROR_SYSTEM);
}

static void
every_event_has_its_own_name(void)
{
    for (unsigned i = 0; i < N_LOG_EVENTS; i++) {
        UNIT(log_event_name((enum log_event)i) != NULL);
        for (unsigned j = 0; j < i; j++)
            UNIT(strcmp(log_event_name((enum log_event)i),
                        log_event_name((enum log_event)j)) != 0);
    }
}

static void
opening_again_leaves_no_descriptor(void)
{
    int before = dup(STDERR_FILENO), after;

    (void)close(before);
    for (int i = 0; i < 5; i++)
        open_log(LOG_LEVEL_INFO);
    (void)close_log();
    after = dup(STDERR_FILENO);
    (void)close(after);
    UNIT_EQ(before, after);
}

static const struct unit_test tests[] = {
    {"opening_again_leaves_no_descriptor", opening_again_leaves_no_descriptor},
    {"a_line_has_time_level_program_and_event", a_line_has_time_level_program_and_event},
    {"an_error_brings_detail_and_sqlstate", an_error_brings_detail_and_sqlstate},
    {"no_text_can_forge_a_line", no_text_can_forge_a_line},
    {"a_long_line_is_cut_at_1_kib", a_long_line_is_cut_at_1_kib},
    {"repeats_within_a_second_are_counted", repeats_within_a_second_are_counted},
    {"levels_below_the_chosen_one_are_not_written",
     levels_below_the_chosen_one_are_not_written},
    {"targets_and_levels_are_checked", targets_and_levels_are_checked},
    {"every_event_has_its_own_name", every_event_has_its_own_name},
};

const struct unit_suite suite_log = {"log", tests, COUNT_OF(tests)};
