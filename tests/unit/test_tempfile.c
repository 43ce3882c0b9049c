#include <string.h>

#include "sentry/tempfile.h"
#include "unit.h"

static void
what_was_added_can_be_read_anywhere(void)
{
    struct tempfile f = tempfile_init();
    char got[8] = {0};
    struct error e;

    UNIT_EQ(tempfile_add(&f, unit_dir(), "hello ", 6, &e), 0);
    UNIT(tempfile_add(&f, unit_dir(), "world", 5, &e) == 0 && f.n == 11);
    UNIT(tempfile_read(&f, 4, got, 4, &e) == 0 && memcmp(got, "o wo", 4) == 0);
    UNIT_EQ(tempfile_read(&f, 0, got, 0, &e), 0);
    tempfile_close(&f);
    UNIT(f.fd == -1 && f.n == 0);
    tempfile_close(&f);
}

static void
without_a_directory_it_can_be_tried_again(void)
{
    struct tempfile f = tempfile_init();
    struct error e;

    UNIT_EQ(tempfile_add(&f, "/nonexistent/x", "x", 1, &e), -1);
    UNIT(e.kind == ERROR_UNAVAILABLE && e.retry_after_s > 0 && e.detail[0] != '\0');
    UNIT(strstr(e.text, "/") == NULL);
    tempfile_close(&f);
}

static const struct unit_test tests[] = {
    {"what_was_added_can_be_read_anywhere", what_was_added_can_be_read_anywhere},
    {"without_a_directory_it_can_be_tried_again",
     without_a_directory_it_can_be_tried_again},
};

const struct unit_suite suite_tempfile = {"tempfile", tests, COUNT_OF(tests)};
