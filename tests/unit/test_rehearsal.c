#include <stdio.h>

#include "cmd/rehearsal.h"
#include "unit.h"

static void
add(struct rehearsal *r, const char *issue, const char *stored, uint8_t print,
    const char *event)
{
    struct rehearsal_cell cell = {.issue = unit_exact(str_of(issue)),
                                  .stored = unit_exact(str_of(stored)),
                                  .print = {print},
                                  .event = unit_exact(str_of(event))};
    struct error e;

    UNIT_EQ(rehearsal_add(r, &cell, &e), 0);
}

static void
parts_of_an_issue_follow_one_another(void)
{
    struct rehearsal r;

    rehearsal_init(&r, unit_arena());
    UNIT_EQ(rehearsal_issues(&r), 0);
    rehearsal_sort_by_issue(&r);
    add(&r, "A-2", "aa", 1, "e1");
    add(&r, "A-1", "bb", 2, "e2");
    add(&r, "A-1", "bb", 1, "e3");
    add(&r, "A-1", "bb", 1, "e4");
    add(&r, "A-1", "cc", 1, "e5");
    UNIT(r.events == 5 && r.count == 4);

    rehearsal_sort_by_issue(&r);
    UNIT_EQ(rehearsal_issues(&r), 2);
    /* The more frequent part first; its newest event is the one that came first. */
    UNIT_EQ(r.cells[0]->events, 2);
    UNIT_STR(r.cells[0]->event, "e3");
    UNIT_EQ(rehearsal_end_of_issue(&r, 0), 2);
    UNIT_STR(r.cells[2]->stored, "cc");
    UNIT_EQ(rehearsal_end_of_issue(&r, 2), 3);
    UNIT_EQ(rehearsal_end_of_issue(&r, 3), 4);

    rehearsal_sort_by_print(&r);
    UNIT_EQ(rehearsal_end_of_print(&r, 0), 3);
    UNIT(rehearsal_joins(&r, 0, 3) && !rehearsal_joins(&r, 3, 4));
    rehearsal_release(&r);
}

/* Two merged fingerprints of one issue that become one are no join. */
static void
one_issue_is_no_join(void)
{
    struct rehearsal r;

    rehearsal_init(&r, unit_arena());
    add(&r, "A-1", "aa", 1, "e1");
    add(&r, "A-1", "bb", 1, "e2");
    add(&r, "A-1", "", 1, "e3");
    rehearsal_sort_by_print(&r);
    UNIT_EQ(rehearsal_end_of_print(&r, 0), 3);
    UNIT(!rehearsal_joins(&r, 0, 3));
    rehearsal_release(&r);
}

/* With 512 cells, the table of 1024 slots is half full: it doubles for another one. */
static void
the_table_grows(void)
{
    for (unsigned n = 511; n <= 513; n++) {
        struct rehearsal r;
        char issue[16];

        rehearsal_init(&r, unit_arena());
        for (unsigned i = 0; i < 2 * n; i++) {
            if (i == n)
                UNIT_EQ(r.slots, n <= 512 ? 1024 : 2048);
            (void)snprintf(issue, sizeof issue, "A-%u", i % n);
            add(&r, issue, "aa", (uint8_t)(i % n), "e");
        }
        UNIT(r.count == n && r.events == 2 * (int64_t)n);
        rehearsal_sort_by_issue(&r);
        UNIT_EQ(rehearsal_issues(&r), n);
        rehearsal_release(&r);
    }
}

static const struct unit_test tests[] = {
    {"parts_of_an_issue_follow_one_another", parts_of_an_issue_follow_one_another},
    {"one_issue_is_no_join", one_issue_is_no_join},
    {"the_table_grows", the_table_grows},
};

const struct unit_suite suite_rehearsal = {"rehearsal", tests, COUNT_OF(tests)};
