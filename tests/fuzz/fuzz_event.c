/*
 * fuzz_event: any bytes as the body of one event.
 *
 * What the scanner accepts json-c must accept too (it is the more lenient of the two),
 * and what comes out must be fit for PostgreSQL: valid UTF-8, no NUL, within the limits,
 * tags that are JSON, a group that is the same each time.
 */
#include <json-c/json.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "event/event.h"
#include "fuzz.h"
#include "grouping/fingerprint.h"
#include "grouping/grouping.h"
#include "json/scan.h"

#define JSON_C_DEPTH 200

static struct arena *arena;

/* The NUL behind the text, which arena_copy() puts there, ends a bare number.  json-c
 * does not know a byte order mark. */
static void
json_c_accepts(struct str text)
{
    json_tokener *tok = json_tokener_new_ex(JSON_C_DEPTH);
    struct str copy;
    json_object *object;

    CHECK(tok != NULL && arena_copy(arena, scan_skip_mark(text), &copy) == 0);
    json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    object = json_tokener_parse_ex(tok, copy.p, (int)copy.n + 1);
    CHECK(json_tokener_get_error(tok) == json_tokener_success);
    CHECK(json_tokener_get_parse_end(tok) >= copy.n);
    (void)json_object_put(object);
    json_tokener_free(tok);
}

static void
is_event(const struct event *ev)
{
    struct str object;
    struct error e;

    fuzz_columns(ev);
    fuzz_fit(ev->tags, SIZE_MAX);
    if (ev->tags.p == NULL)
        return;
    CHECK(scan_value(ev->tags, 1, &object, &e) == 0 && scan_type(object) == SCAN_OBJECT);
    json_c_accepts(ev->tags);
}

/* Who asks how it was grouped gets the same group, made of text. */
static void
is_grouped(struct str text, const struct event *wanted)
{
    struct grouping_record record;
    const struct grouping_settings grouping = {.record = &record};
    struct event ev;
    struct error e;
    struct str rest, part;

    grouping_record_init(&record, 1 << 24);
    CHECK(grouping_parse(arena, text, 0, &grouping, &ev, &e) == 0);
    CHECK(memcmp(ev.fingerprint, wanted->fingerprint, sizeof ev.fingerprint) == 0);
    CHECK(ev.fingerprint[0] == FINGERPRINT_VERSION && record.strategy != GROUPING_NONE);
    rest = buf_str(&record.components);
    CHECK(rest.n > 0 && rest.p[rest.n - 1] == FINGERPRINT_END);
    rest.n--;
    for (part = str_cut(&rest, FINGERPRINT_END); part.p != NULL;
         part = str_cut(&rest, FINGERPRINT_END))
        CHECK(part.n > 0 && utf8_valid(part, NULL));
    grouping_record_release(&record);
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    struct str value;
    struct event ev;
    struct error e;

    if (arena == NULL)
        arena = arena_new(1 << 16, 1 << 24);
    CHECK(arena != NULL);
    arena_reset(arena);
    if (scan_value(text, LIMIT_JSON_DEPTH, &value, &e) == 0) {
        CHECK(utf8_valid(text, NULL));
        json_c_accepts(text);
    } else {
        CHECK(e.kind == ERROR_MALFORMED && utf8_valid(str_of(e.text), NULL));
    }
    if (grouping_parse(arena, text, 0, NULL, &ev, &e) == 0) {
        is_event(&ev);
        is_grouped(text, &ev);
    } else {
        CHECK(e.kind == ERROR_MALFORMED && e.text[0] != '\0');
    }
    return 0;
}

FUZZ_TARGET(1000, 64 * LIMIT_MIB)
