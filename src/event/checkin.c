#include "event/checkin.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "event/normal.h"
#include "json/json.h"
#include "json/scan.h"
#include "monitor/schedule.h"
#include "monitor/zone.h"

#define DEFAULT_MARGIN_MINUTES 1
#define DEFAULT_RUNTIME_MINUTES 30
#define DURATION_MAX_S 2419200
#define CONFIG_BYTES (4 * LIMIT_KIB)

/* A number of a configuration. */
struct number {
    const char *name;
    int64_t min, max, preset;
};

static const struct number numbers[] = {
    {"checkin_margin", 0, LIMIT_MARGIN_MINUTES, DEFAULT_MARGIN_MINUTES},
    {"max_runtime", 1, LIMIT_RUNTIME_MINUTES, DEFAULT_RUNTIME_MINUTES},
    {"failure_issue_threshold", 1, LIMIT_THRESHOLD, 1},
    {"recovery_threshold", 1, LIMIT_THRESHOLD, 1}};

int
checkin_texts(struct arena *a, struct str json, struct checkin_texts *t, struct error *e)
{
    static const struct str names[] = {
        STR_INIT("monitor_slug"), STR_INIT("status"),   STR_INIT("check_in_id"),
        STR_INIT("environment"),  STR_INIT("duration"), STR_INIT("monitor_config")};
    struct str *const texts[] = {&t->slug, &t->status, &t->id, &t->environment,
                                 &t->duration};
    struct str values[COUNT_OF(names)], object;

    if (scan_value(json, LIMIT_JSON_DEPTH, &object, e) != 0)
        return -1;
    if (scan_type(object) != SCAN_OBJECT)
        return error_set(e, ERROR_MALFORMED, "a check-in must be a JSON object");
    if (json_pick(a, object, names, COUNT_OF(names), values, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (values[i].p == NULL)
            continue;
        if (json_scalar(a, values[i], texts[i], e) != 0)
            return -1;
        if (texts[i]->p == NULL)
            return error_set(e, ERROR_MALFORMED, "%.*s of a check-in must be a text",
                             (int)names[i].n, names[i].p);
    }
    if (values[COUNT_OF(texts)].p != NULL)
        t->config = values[COUNT_OF(texts)];
    return 0;
}

/* The same name for what Sentry makes one slug of: clients send names of tasks. */
static int
read_slug(struct arena *a, struct str text, struct str *out, struct error *e)
{
    bool any = false;
    size_t n = 0;
    char *to;

    text = utf8_trim(text);
    if (text.n == 0)
        return error_set(e, ERROR_MALFORMED, "monitor_slug is missing");
    if (utf8_count(text) > LIMIT_SLUG_CHARS)
        return error_set(e, ERROR_MALFORMED,
                         "monitor_slug is too long: limit is %u characters",
                         LIMIT_SLUG_CHARS);
    to = arena_get(a, text.n);
    if (to == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < text.n; i++) {
        bool is_word = ascii_is_alnum(text.p[i]) || text.p[i] == '_';

        any = any || is_word;
        if (is_word)
            to[n++] = ascii_lower(text.p[i]);
        else if (n == 0 || to[n - 1] != '-')
            to[n++] = '-';
    }
    *out = (struct str){to, n};
    return any ? 0
               : error_set(e, ERROR_MALFORMED,
                           "monitor_slug must have a letter from a to z or a digit");
}

static int
read_status(struct str text, struct str *out, struct error *e)
{
    static const struct str known[] = {STR_INIT("ok"), STR_INIT("in_progress"),
                                       STR_INIT("error")};

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (!str_eq(text, known[i]))
            continue;
        *out = known[i];
        return 0;
    }
    return error_set(e, ERROR_MALFORMED,
                     "status of a check-in must be ok, in_progress or error");
}

static int
read_environment(struct str text, struct str *out, struct error *e)
{
    *out = utf8_trim(text);
    if (out->n == 0) {
        *out = STR("production");
        return 0;
    }
    if (utf8_count(*out) > LIMIT_ENVIRONMENT_CHARS)
        return error_set(e, ERROR_MALFORMED,
                         "environment is too long: limit is %u characters",
                         LIMIT_ENVIRONMENT_CHARS);
    return normal_is_environment(*out)
               ? 0
               : error_set(e, ERROR_MALFORMED,
                           "environment must not have a slash or a line break, or be "
                           "none");
}

/* Reads seconds, such as 1.5 or 2e1, as milliseconds. */
static int
read_duration(struct str text, int64_t *out, struct error *e)
{
    char digits[32] = "", *end;
    bool good = text.n < sizeof digits;

    *out = -1;
    if (text.n == 0)
        return 0;
    for (size_t i = 0; i < text.n && good; i++) { /* strtod(3) takes more than JSON has */
        digits[i] = text.p[i];
        good = ascii_is_digit(digits[i]) || strchr(".eE+-", digits[i]) != NULL;
    }
    if (good) {
        double seconds = strtod(digits, &end);

        if (*end == '\0' && seconds >= 0 && seconds <= DURATION_MAX_S) {
            *out = (int64_t)(seconds * 1000 + 0.5);
            return 0;
        }
    }
    return error_set(e, ERROR_MALFORMED,
                     "duration must be a number of seconds from 0 to %d", DURATION_MAX_S);
}

static int
read_zone(struct arena *a, struct str value, struct str *out, struct error *e)
{
    if (json_scalar(a, value, out, e) != 0)
        return -1;
    if (out->n == 0)
        *out = STR("UTC");
    return zone_is_name(*out)
               ? 0
               : error_set(e, ERROR_MALFORMED,
                           "monitor_config.timezone must be a name such as "
                           "Europe/Berlin, of at most %u bytes",
                           LIMIT_ZONE_BYTES);
}

static int
add_schedule(struct arena *a, struct str value, struct buf *b, struct error *e)
{
    static const struct str names[] = {STR_INIT("type"), STR_INIT("value"),
                                       STR_INIT("unit")};
    struct str values[COUNT_OF(names)], texts[COUNT_OF(names)];
    struct schedule schedule;

    if (value.p == NULL || scan_type(value) != SCAN_OBJECT)
        return error_set(e, ERROR_MALFORMED,
                         "monitor_config.schedule must be a JSON object");
    if (json_pick(a, value, names, COUNT_OF(names), values, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (json_scalar(a, values[i], &texts[i], e) != 0)
            return -1;
    if (schedule_parse(texts[0], texts[1], texts[2], &schedule, e) != 0)
        return -1;
    jsonout_text(b, "type", texts[0]);
    jsonout_text(b, "value", texts[1]);
    if (!schedule.is_crontab)
        jsonout_text(b, "unit", texts[2]);
    return 0;
}

static int
add_number(const struct number *n, struct str value, struct buf *b, struct error *e)
{
    int64_t v = n->preset;

    if (value.p != NULL && num_parse(value, n->min, n->max, &v) != 0)
        return error_set(e, ERROR_MALFORMED,
                         "monitor_config.%s must be a number from %lld to %lld", n->name,
                         (long long)n->min, (long long)n->max);
    jsonout_number(b, n->name, v);
    return 0;
}

static int
write_config(struct arena *a, struct str value, struct buf *b, struct error *e)
{
    static const struct str names[] = {
        STR_INIT("checkin_margin"),
        STR_INIT("max_runtime"),
        STR_INIT("failure_issue_threshold"),
        STR_INIT("recovery_threshold"),
        STR_INIT("schedule"),
        STR_INIT("timezone"),
    };
    struct str values[COUNT_OF(names)], zone;

    if (scan_type(value) != SCAN_OBJECT)
        return error_set(e, ERROR_MALFORMED, "monitor_config must be a JSON object");
    if (json_pick(a, value, names, COUNT_OF(names), values, e) != 0)
        return -1;
    buf_add_char(b, '{');
    if (add_schedule(a, values[COUNT_OF(numbers)], b, e) != 0 ||
        read_zone(a, values[COUNT_OF(numbers) + 1], &zone, e) != 0)
        return -1;
    jsonout_text(b, "timezone", zone);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (add_number(&numbers[i], values[i], b, e) != 0)
            return -1;
    buf_add_char(b, '}');
    return 0;
}

static int
read_config(struct arena *a, struct str value, struct str *out, struct error *e)
{
    struct buf b = buf_init(CONFIG_BYTES);
    int rc;

    *out = STR_NONE;
    if (value.p == NULL)
        return 0;
    rc = write_config(a, value, &b, e);
    if (rc == 0 && (b.failed || arena_copy(a, buf_str(&b), out) != 0))
        rc = error_no_memory(e);
    buf_release(&b);
    return rc;
}

int
checkin_read(struct arena *a, const struct checkin_texts *t, struct checkin *out,
             struct error *e)
{
    *out = (struct checkin){.has_id = false};
    if (read_slug(a, t->slug, &out->slug, e) != 0 ||
        read_status(t->status, &out->status, e) != 0 ||
        read_environment(t->environment, &out->environment, e) != 0 ||
        read_duration(t->duration, &out->duration_ms, e) != 0 ||
        read_config(a, t->config, &out->config, e) != 0)
        return -1;
    if (t->id.n == 0)
        return 0;
    if (ids_parse(ids_bare(t->id), &out->id) != 0)
        return error_set(e, ERROR_MALFORMED, "check_in_id must be a UUID");
    out->has_id = !ids_is_nil(&out->id);
    return 0;
}
