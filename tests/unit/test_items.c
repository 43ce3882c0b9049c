#include <string.h>

#include "event/items.h"
#include "unit.h"

static void
types_are_found_by_name(void)
{
    static const struct {
        const char *name, *found;
        enum items_action action;
    } rows[] = {{"event", "event", ITEMS_EVENT},
                {"security", "security", ITEMS_EVENT},
                {"attachment", "attachment", ITEMS_ATTACHMENT},
                {"transaction", "transaction", ITEMS_COUNT},
                {"Event", "unknown", ITEMS_COUNT},
                {"", "unknown", ITEMS_COUNT},
                {"hologram", "unknown", ITEMS_COUNT}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct items_type *t = items_find(unit_exact(str_of(rows[i].name)));

        UNIT(strcmp(t->name, rows[i].found) == 0 && t->action == rows[i].action);
    }
}

static const struct unit_test tests[] = {
    {"types_are_found_by_name", types_are_found_by_name},
};

const struct unit_suite suite_items = {"items", tests, COUNT_OF(tests)};
