#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

static void
setting_clears_what_was_there(void)
{
    struct error e = {ERROR_LIMITED, 7, "42P01", "old", "old detail", 0};

    UNIT_EQ(error_set(&e, ERROR_MALFORMED, "bad %s", "field"), -1);
    UNIT(e.kind == ERROR_MALFORMED && e.retry_after_s == 0 && e.sqlstate[0] == '\0');
    UNIT(strcmp(e.text, "bad field") == 0 && e.detail[0] == '\0');
}

static void
long_texts_are_cut_and_end(void)
{
    char text[1000];
    struct error e;

    (void)memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    UNIT_EQ(error_set(&e, ERROR_MALFORMED, "%s", text), -1);
    UNIT_EQ(strlen(e.text), sizeof e.text - 1);
    UNIT_EQ(error_detail(&e, "%s", text), -1);
    UNIT_EQ(strlen(e.detail), sizeof e.detail - 1);
    UNIT_EQ(error_prefix(&e, "%s", text), -1);
    UNIT(strlen(e.detail) < sizeof e.detail);
}

static void
a_prefix_stands_in_front(void)
{
    struct error e;

    (void)error_set(&e, ERROR_UNAVAILABLE, "busy");
    UNIT(error_prefix(&e, "first") == -1 && strcmp(e.detail, "first") == 0);
    UNIT(error_prefix(&e, "again") == -1 && strcmp(e.detail, "again: first") == 0);
    UNIT(strcmp(e.text, "busy") == 0 && e.kind == ERROR_UNAVAILABLE);
}

static void
errno_is_for_the_log_alone(void)
{
    struct error e;

    errno = ENOENT;
    UNIT_EQ(error_errno(&e, "open"), -1);
    UNIT(errno == ENOENT && e.kind == ERROR_SYSTEM);
    UNIT_STR(str_of(e.detail), "open: No such file or directory");
    UNIT_STR(str_of(e.text), "internal failure");
}

static void
only_a_bad_configuration_exits_100(void)
{
    struct error e;

    (void)error_set(&e, ERROR_CONFIG, "x");
    UNIT_EQ(error_exit_code(&e), 100);
    (void)error_set(&e, ERROR_SYSTEM, "x");
    UNIT_EQ(error_exit_code(&e), 111);
}

static const struct unit_test tests[] = {
    {"setting_clears_what_was_there", setting_clears_what_was_there},
    {"long_texts_are_cut_and_end", long_texts_are_cut_and_end},
    {"a_prefix_stands_in_front", a_prefix_stands_in_front},
    {"errno_is_for_the_log_alone", errno_is_for_the_log_alone},
    {"only_a_bad_configuration_exits_100", only_a_bad_configuration_exits_100},
};

const struct unit_suite suite_error = {"error", tests, COUNT_OF(tests)};
