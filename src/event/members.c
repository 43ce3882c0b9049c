#include "event/members.h"

#include <stdbool.h>

#include "base/limits.h"
#include "event/json.h"
#include "event/scan.h"

#define TEXT(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

#define STRINGS (1U << SCAN_STRING)
#define NUMBERS (1U << SCAN_NUMBER)
#define OBJECTS (1U << SCAN_OBJECT)
#define ARRAYS (1U << SCAN_ARRAY)

struct rule {
    unsigned types; /* bits by enum scan_type */
    bool held;      /* a string must hold an object */
    const char *must_be;
};

static const struct rule is_text = {STRINGS, false, "a string"};
static const struct rule is_version = {STRINGS | NUMBERS, false, "a string"};
static const struct rule is_time = {STRINGS | NUMBERS, false,
                                    "a time: RFC 3339 or seconds"};
static const struct rule is_entry = {STRINGS | OBJECTS, false, "a string"};
static const struct rule is_list = {OBJECTS | ARRAYS, false, "an object or an array"};
static const struct rule is_sdk = {STRINGS | OBJECTS, false, "an object"};
static const struct rule is_object = {STRINGS | OBJECTS, true, "an object"};
static const struct rule is_tags = {STRINGS | OBJECTS | ARRAYS, true, "an object"};
static const struct rule is_parts = {STRINGS | ARRAYS, false,
                                     "a string or an array of strings"};

static const struct str names[MEMBER_COUNT] = {
    TEXT("event_id"),
    TEXT("timestamp"),
    TEXT("level"),
    TEXT("message"),
    TEXT("logentry"),
    TEXT("sentry.interfaces.Message"),
    TEXT("exception"),
    TEXT("sentry.interfaces.Exception"),
    TEXT("fingerprint"),
    TEXT("tags"),
    TEXT("user"),
    TEXT("user_context"),
    TEXT("sentry.interfaces.User"),
    TEXT("culprit"),
    TEXT("environment"),
    TEXT("release"),
    TEXT("platform"),
    TEXT("server_name"),
    TEXT("transaction"),
    TEXT("extra"),
    TEXT("stacktrace"),
    TEXT("breadcrumbs"),
    TEXT("sdk"),
    TEXT("sdk_name"),
    TEXT("sdk_version"),
    TEXT("logger"),
};

static const struct rule *const rules[MEMBER_COUNT] = {
    &is_text,    /* event_id */
    &is_time,    /* timestamp */
    &is_text,    /* level */
    &is_entry,   /* message */
    &is_entry,   /* logentry */
    &is_entry,   /* sentry.interfaces.Message */
    &is_list,    /* exception */
    &is_list,    /* sentry.interfaces.Exception */
    &is_parts,   /* fingerprint */
    &is_tags,    /* tags */
    &is_object,  /* user */
    &is_object,  /* user_context */
    &is_object,  /* sentry.interfaces.User */
    &is_text,    /* culprit */
    &is_text,    /* environment */
    &is_version, /* release */
    &is_text,    /* platform */
    &is_text,    /* server_name */
    &is_text,    /* transaction */
    &is_object,  /* extra */
    &is_list,    /* stacktrace */
    &is_list,    /* breadcrumbs */
    &is_sdk,     /* sdk */
    &is_text,    /* sdk_name */
    &is_text,    /* sdk_version */
    &is_text,    /* logger */
};

int
members_bad(enum member m, const char *must_be, struct error *e)
{
    return error_set(e, ERROR_MALFORMED, "invalid field: %s must be %s", names[m].p,
                     must_be);
}

/* Replaces a string by the object that it holds.  Returns 0 or -1. */
static int
unwrap(struct arena *a, enum member m, struct str *value, struct error *e)
{
    struct str text;

    if (json_string(a, *value, &text, e) != 0)
        return -1;
    if (scan_value(text, LIMIT_JSON_DEPTH, value, e) != 0 ||
        scan_type(*value) != SCAN_OBJECT)
        return members_bad(m, "an object, or a string that holds one", e);
    return 0;
}

/* What Sentry's clients send besides an object: a list of [name, value]. */
static bool
is_list_of_pairs(struct str tags)
{
    struct scan_iter it = scan_open(tags), in;
    struct str pair, name, value, more;

    while (scan_array_next(&it, &pair)) {
        if (scan_type(pair) == SCAN_NULL)
            continue;
        if (scan_type(pair) != SCAN_ARRAY)
            return false;
        in = scan_open(pair);
        if (!scan_array_next(&in, &name) || !scan_array_next(&in, &value) ||
            scan_array_next(&in, &more))
            return false;
    }
    return true;
}

int
members_read(struct arena *a, struct str object, struct str out[MEMBER_COUNT],
             struct error *e)
{
    if (json_pick(a, object, names, MEMBER_COUNT, out, e) != 0)
        return -1;
    for (unsigned i = 0; i < MEMBER_COUNT; i++) {
        enum member m = (enum member)i;
        enum scan_type type = scan_type(out[i]);

        if (out[i].p == NULL)
            continue;
        if ((rules[i]->types & 1U << type) == 0)
            return members_bad(m, rules[i]->must_be, e);
        if (rules[i]->held && type == SCAN_STRING && unwrap(a, m, &out[i], e) != 0)
            return -1;
        if (m == MEMBER_TAGS && type == SCAN_ARRAY && !is_list_of_pairs(out[i]))
            return members_bad(m, rules[i]->must_be, e);
    }
    return 0;
}
