/*
 * fuzz_scrub: any text as JSON and as plain text, by three sets of rules.
 *
 * What was JSON is JSON afterwards, and what was UTF-8 is; what was scrubbed is left as
 * it is by another pass; and the work is in proportion to the text.
 */
#include "base/arena.h"
#include "fuzz.h"
#include "json/scan.h"
#include "scrub/scrub.h"

/* What is looked at for each byte at most, by all rules. */
#define WORK 200U

static struct arena *arena;
static struct scrub *scrub[3];

typedef int scrub_function(struct scrub *s, struct arena *a, struct str text,
                           struct scrub_result *out, struct error *e);

static void
start(void)
{
    const struct scrub_rules rules[COUNT_OF(scrub)] = {
        {false, STR_NONE, STR_NONE},
        {true, STR("sekret,a_b"), STR("safe,extra")},
        {true, STR_NONE, STR_NONE}};

    arena = arena_new(LIMIT_MIB, 64 * LIMIT_MIB);
    CHECK(arena != NULL);
    for (size_t i = 0; i < COUNT_OF(scrub); i++) {
        scrub[i] = scrub_new(&rules[i]);
        CHECK(scrub[i] != NULL);
    }
}

static void
check(struct scrub *s, scrub_function *run, struct str text, bool is_json)
{
    const bool repeats = is_json || run == scrub_text;
    struct scrub_result out, again;
    struct error e;
    struct str value;

    CHECK(run(s, arena, text, &out, &e) == 0);
    CHECK((out.removed == 0) == (out.text.p == text.p || text.n == 0));
    CHECK(out.looked_at <= WORK * (text.n + 1));
    CHECK(out.paths <= out.removed && out.paths <= LIMIT_SCRUB_PATHS);
    for (size_t i = 0; i < out.paths; i++)
        CHECK(utf8_valid(out.path[i], NULL) &&
              utf8_count(out.path[i]) <= LIMIT_NOTE_CHARS);
    if (is_json)
        CHECK(scan_value(out.text, LIMIT_JSON_DEPTH, &value, &e) == 0);
    if (utf8_valid(text, NULL))
        CHECK(utf8_valid(out.text, NULL));
    if (!repeats)
        return;
    CHECK(run(s, arena, out.text, &again, &e) == 0);
    CHECK(again.removed == 0);
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    struct str value;
    struct error e;
    bool is_json = scan_value(text, LIMIT_JSON_DEPTH, &value, &e) == 0;

    if (arena == NULL)
        start();
    for (size_t i = 0; i < COUNT_OF(scrub); i++) {
        check(scrub[i], scrub_json, text, is_json);
        check(scrub[i], scrub_text, text, false);
        arena_reset(arena);
    }
    return 0;
}

FUZZ_TARGET(5000, LIMIT_MIB)
