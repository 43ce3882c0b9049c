/*
 * fuzz_normal: any bytes as an event to a Sentry endpoint; the first byte chooses what is
 * known besides.
 *
 * Whatever is JSON and an object is kept.  What comes out must be fit for PostgreSQL:
 * valid UTF-8, no NUL, within the limits, times near the receipt, tags and errors that
 * are JSON.
 */
#include <string.h>

#include "base/limits.h"
#include "event/event.h"
#include "fuzz.h"
#include "grouping/grouping.h"
#include "json/scan.h"

#define RECEIVED INT64_C(1800000000000000)
#define MINUTE INT64_C(60000000)

static struct arena *arena;

/* No escape in it stands for what jsonb refuses. */
static void
is_jsonb(struct str text, enum scan_type type)
{
    struct str value;
    struct error e;

    if (text.p == NULL)
        return;
    fuzz_fit(text, SIZE_MAX);
    CHECK(scan_value(text, 3, &value, &e) == 0 && scan_type(value) == type);
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] != '\\')
            continue;
        CHECK(text.n - i < 6 || memcmp(text.p + i, "\\u0000", 6) != 0);
        CHECK(text.n - i < 6 || memcmp(text.p + i, "\\ud", 3) != 0);
        i++;
    }
}

static void
is_event(const struct event *ev)
{
    fuzz_columns(ev);
    CHECK(ev->timestamp_us <= RECEIVED + MINUTE &&
          ev->timestamp_us >= RECEIVED - 43200 * MINUTE);
    fuzz_fit(ev->type, LIMIT_TYPE_CHARS);
    fuzz_fit(ev->value, LIMIT_VALUE_CHARS);
    fuzz_fit(ev->template, SIZE_MAX);
    is_jsonb(ev->tags, SCAN_OBJECT);
    is_jsonb(ev->errors, SCAN_ARRAY);
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    struct event_sentry how = {.received_at_us = RECEIVED, .sent_at_us = EVENT_NO_TIME};
    struct str text, value;
    struct event ev;
    struct error e;
    bool sound;

    if (size == 0)
        return 0;
    if (arena == NULL)
        arena = arena_new(1 << 16, 1 << 26);
    CHECK(arena != NULL);
    arena_reset(arena);
    how.python = (data[0] & 1U) != 0;
    how.strict_id = (data[0] & 2U) != 0;
    how.has_id = (data[0] & 4U) != 0;
    if ((data[0] & 8U) != 0)
        how.sent_at_us = RECEIVED - 600 * MINUTE;
    if ((data[0] & 16U) != 0)
        how.address = STR("192.0.2.1");
    text = (struct str){(const char *)data + 1, size - 1};
    sound = scan_value(text, LIMIT_JSON_DEPTH, &value, &e) == 0 &&
            scan_type(value) == SCAN_OBJECT;
    if (grouping_parse_sentry(arena, text, &how, NULL, &ev, &e) == 0) {
        is_event(&ev);
    } else {
        CHECK(e.kind == ERROR_MALFORMED && e.text[0] != '\0');
        CHECK(!sound || (how.strict_id && !how.has_id));
    }
    return 0;
}

FUZZ_TARGET(1000, 64 * LIMIT_MIB)
