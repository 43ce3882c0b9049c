#include "front/pace.h"
#include "unit.h"

static const struct {
    int64_t timeout_ms;
    size_t bytes;
    int64_t deadline_ms; /* after the begin */
    int line;
    bool known;
} rows[] = {
    {30000, 0, PACE_GRACE_MS, __LINE__, true},
    {30000, 499, PACE_GRACE_MS, __LINE__, true},
    {30000, 500, PACE_GRACE_MS + 1000, __LINE__, true},
    {30000, 12499, PACE_GRACE_MS + 24000, __LINE__, true},
    {30000, 12500, 30000, __LINE__, true},
    {30000, (size_t)1 << 40, 30000, __LINE__, true},
    {1000, 0, 1000, __LINE__, true},
    {1000, 0, 1000, __LINE__, false},
    {30000, 0, PACE_STRANGER_MS, __LINE__, false},
    {30000, 1000000, PACE_STRANGER_MS, __LINE__, false},
};

static void
a_body_has_so_long(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct pace p = {77, rows[i].timeout_ms, rows[i].bytes};
        int64_t end = 77 + rows[i].deadline_ms;
        struct error e;

        UNIT_EQ_AT(rows[i].line, pace_deadline_ms(&p, rows[i].known), end);
        UNIT_EQ_AT(rows[i].line, pace_check(&p, rows[i].known, end - 1, &e), 0);
        UNIT_AT(rows[i].line,
                pace_check(&p, rows[i].known, end, &e) == -1 && e.kind == ERROR_TIMEOUT);
    }
}

static const struct unit_test tests[] = {
    {"a_body_has_so_long", a_body_has_so_long},
};

const struct unit_suite suite_pace = {"pace", tests, COUNT_OF(tests)};
