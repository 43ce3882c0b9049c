/*
 * fuzz_rules: any bytes as a file of grouping rules, tried on an event.
 *
 * They are taken, or refused with a place and a reason; and they never keep an event out.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "event/event.h"
#include "fuzz.h"
#include "grouping/grouping.h"
#include "grouping/rules.h"

static const char event[] =
    "{\"platform\":\"python\",\"level\":\"fatal\",\"logger\":\"l\",\"tags\":{\"a\":\"b\"}"
    ","
    "\"exception\":[{\"type\":\"T\",\"value\":\"v 1\",\"stacktrace\":{\"frames\":[{"
    "\"function\":\"f\",\"module\":\"m\",\"abs_path\":\"/p\",\"package\":\"/k\"}]}}]}";

static struct arena *arena;

static int
fuzz_one(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    struct grouping_settings grouping = {.rules = NULL};
    struct rules *rules;
    struct event ev;
    struct error e;

    if (arena == NULL)
        arena = arena_new(LIMIT_MIB, 64 * LIMIT_MIB);
    CHECK(arena != NULL);
    if (rules_parse(text, &rules, &e) != 0) {
        CHECK(e.kind == ERROR_CONFIG && str_starts(str_of(e.text), STR("line ")));
        return 0;
    }
    grouping.rules = rules;
    CHECK(grouping_parse(arena, STR(event), 0, &grouping, &ev, &e) == 0);
    CHECK(ev.title.n > 0 && utf8_count(ev.title) <= LIMIT_TITLE_CHARS &&
          utf8_valid(ev.title, NULL));
    rules_free(rules);
    arena_reset(arena);
    return 0;
}

FUZZ_TARGET(20000, 64 * LIMIT_MIB)
