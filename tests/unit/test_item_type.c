#include <string.h>

#include "event/item_type.h"
#include "unit.h"

static void
types_are_found_by_name(void)
{
    static const struct {
        const char *name, *found;
        enum item_action action;
    } rows[] = {{"event", "event", ITEM_EVENT},
                {"security", "security", ITEM_EVENT},
                {"attachment", "attachment", ITEM_ATTACHMENT},
                {"transaction", "transaction", ITEM_COUNTED},
                {"Event", "unknown", ITEM_COUNTED},
                {"", "unknown", ITEM_COUNTED},
                {"hologram", "unknown", ITEM_COUNTED}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct item_type *t = item_type_find(unit_exact(str_of(rows[i].name)));

        UNIT(strcmp(t->name, rows[i].found) == 0 && t->action == rows[i].action);
    }
}

static const struct unit_test tests[] = {
    {"types_are_found_by_name", types_are_found_by_name},
};

const struct unit_suite suite_item_type = {"item_type", tests, COUNT_OF(tests)};
