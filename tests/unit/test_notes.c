#include "base/limits.h"
#include "event/notes.h"
#include "unit.h"

static void
notes_become_a_list(void)
{
    struct notes n;
    struct str out;
    struct error e;

    notes_init(&n, unit_arena());
    UNIT(notes_text(&n, &out, &e) == 0 && out.p == NULL);
    notes_add(&n, NOTES_INVALID, STR("tags"), STR("5"));
    notes_add(&n, NOTES_LONG, STR("message"), STR_NONE);
    notes_add(&n, NOTES_INVALID, STR("user"), STR("\"a\\u0000\\\"\\ud800\""));
    notes_add(&n, NOTES_INVALID, STR("sdk"), STR("[1]"));
    notes_add(&n, NOTES_INVALID, STR("x"), STR("true"));
    UNIT_EQ(notes_text(&n, &out, &e), 0);
    UNIT_STR(out, "[{\"type\":\"invalid_data\",\"name\":\"tags\",\"value\":\"5\"},"
                  "{\"type\":\"value_too_long\",\"name\":\"message\"},"
                  "{\"type\":\"invalid_data\",\"name\":\"user\",\"value\":"
                  "\"a\xef\xbf\xbd\\\"\xef\xbf\xbd\"},"
                  "{\"type\":\"invalid_data\",\"name\":\"sdk\"},"
                  "{\"type\":\"invalid_data\",\"name\":\"x\",\"value\":\"True\"}]");
}

static void
there_are_never_too_many(void)
{
    struct notes n;

    notes_init(&n, unit_arena());
    for (unsigned i = 0; i < LIMIT_NOTES + 5; i++) {
        notes_add(&n, NOTES_INVALID, STR("x"), STR_NONE);
        UNIT_EQ(n.count, (i < LIMIT_NOTES ? i + 1 : LIMIT_NOTES));
    }
}

static void
a_note_without_memory_is_not_made(void)
{
    struct arena *a = arena_new(64, 64);
    struct notes n;

    UNIT(a != NULL);
    notes_init(&n, a);
    for (int i = 0; i < 10; i++)
        notes_add(&n, NOTES_INVALID, STR("x"), STR("1"));
    UNIT(n.count < 10);
    arena_free(a);
}

static const struct unit_test tests[] = {
    {"notes_become_a_list", notes_become_a_list},
    {"there_are_never_too_many", there_are_never_too_many},
    {"a_note_without_memory_is_not_made", a_note_without_memory_is_not_made},
};

const struct unit_suite suite_notes = {"notes", tests, COUNT_OF(tests)};
