#include "event/members.h"

#include <stdbool.h>

#include "base/limits.h"
#include "json/json.h"
#include "json/scan.h"

#define STRINGS (1U << SCAN_STRING)
#define NUMBERS (1U << SCAN_NUMBER)
#define OBJECTS (1U << SCAN_OBJECT)
#define ARRAYS (1U << SCAN_ARRAY)

#define BOOLEANS (1U << SCAN_FALSE | 1U << SCAN_TRUE)

struct rule {
    unsigned types;   /* bits by enum scan_type */
    unsigned lenient; /* those also accepted under Sentry's rules */
    bool held;        /* a string must contain an object */
    bool optional;    /* a wrong type never refuses the event */
    const char *must_be;
};

static const struct rule is_text = {STRINGS, 0, false, false, "a string"};
static const struct rule is_id = {STRINGS, NUMBERS | BOOLEANS | ARRAYS | OBJECTS, false,
                                  false, "a string"};
static const struct rule is_level = {STRINGS, NUMBERS, false, false, "a string"};
static const struct rule is_version = {STRINGS | NUMBERS, 0, false, false, "a string"};
static const struct rule is_time = {STRINGS | NUMBERS, 0, false, false,
                                    "a time: RFC 3339 or seconds"};
static const struct rule is_entry = {STRINGS | OBJECTS, NUMBERS | ARRAYS | BOOLEANS,
                                     false, false, "a string"};
static const struct rule is_list = {OBJECTS | ARRAYS, 0, false, false,
                                    "an object or an array"};
static const struct rule is_sdk = {STRINGS | OBJECTS, 0, false, false, "an object"};
static const struct rule is_object = {STRINGS | OBJECTS, 0, true, false, "an object"};
static const struct rule is_tags = {STRINGS | OBJECTS | ARRAYS, 0, true, false,
                                    "an object"};
static const struct rule is_parts = {STRINGS | ARRAYS, 0, false, false,
                                     "a string or an array of strings"};
static const struct rule may_be_text = {STRINGS, 0, false, true, "a string"};
static const struct rule may_be_list = {OBJECTS | ARRAYS, 0, false, true, "a list"};
static const struct rule may_be_object = {OBJECTS, 0, false, true, "an object"};

static const struct str names[N_MEMBERS] = {
    STR_INIT("event_id"),
    STR_INIT("timestamp"),
    STR_INIT("level"),
    STR_INIT("message"),
    STR_INIT("logentry"),
    STR_INIT("sentry.interfaces.Message"),
    STR_INIT("exception"),
    STR_INIT("sentry.interfaces.Exception"),
    STR_INIT("stacktrace"),
    STR_INIT("sentry.interfaces.Stacktrace"),
    STR_INIT("fingerprint"),
    STR_INIT("tags"),
    STR_INIT("user"),
    STR_INIT("user_context"),
    STR_INIT("sentry.interfaces.User"),
    STR_INIT("culprit"),
    STR_INIT("environment"),
    STR_INIT("release"),
    STR_INIT("platform"),
    STR_INIT("server_name"),
    STR_INIT("transaction"),
    STR_INIT("threads"),
    STR_INIT("sentry.interfaces.Threads"),
    STR_INIT("request"),
    STR_INIT("sentry.interfaces.Http"),
    STR_INIT("csp"),
    STR_INIT("sentry.interfaces.Csp"),
    STR_INIT("expectct"),
    STR_INIT("expectstaple"),
    STR_INIT("hpkp"),
    STR_INIT("type"),
    STR_INIT("checksum"),
    STR_INIT("template"),
    STR_INIT("sentry.interfaces.Template"),
    STR_INIT("logger"),
    STR_INIT("debug_meta"),
    STR_INIT("extra"),
    STR_INIT("breadcrumbs"),
    STR_INIT("sdk"),
    STR_INIT("sdk_name"),
    STR_INIT("sdk_version"),
    STR_INIT("contexts"),
    STR_INIT("modules"),
};

static const struct rule *const rules[N_MEMBERS] = {
    [MEMBER_EVENT_ID] = &is_id,
    [MEMBER_TIMESTAMP] = &is_time,
    [MEMBER_LEVEL] = &is_level,
    [MEMBER_MESSAGE] = &is_entry,
    [MEMBER_LOGENTRY] = &is_entry,
    [MEMBER_SENTRY_MESSAGE] = &is_entry,
    [MEMBER_EXCEPTION] = &is_list,
    [MEMBER_SENTRY_EXCEPTION] = &is_list,
    [MEMBER_STACKTRACE] = &is_list,
    [MEMBER_SENTRY_STACKTRACE] = &may_be_list,
    [MEMBER_FINGERPRINT] = &is_parts,
    [MEMBER_TAGS] = &is_tags,
    [MEMBER_USER] = &is_object,
    [MEMBER_USER_CONTEXT] = &is_object,
    [MEMBER_SENTRY_USER] = &is_object,
    [MEMBER_CULPRIT] = &is_text,
    [MEMBER_ENVIRONMENT] = &is_text,
    [MEMBER_RELEASE] = &is_version,
    [MEMBER_PLATFORM] = &is_text,
    [MEMBER_SERVER_NAME] = &is_text,
    [MEMBER_TRANSACTION] = &is_text,
    [MEMBER_THREADS] = &may_be_list,
    [MEMBER_SENTRY_THREADS] = &may_be_list,
    [MEMBER_REQUEST] = &may_be_object,
    [MEMBER_SENTRY_REQUEST] = &may_be_object,
    [MEMBER_CSP] = &may_be_object,
    [MEMBER_SENTRY_CSP] = &may_be_object,
    [MEMBER_EXPECT_CT] = &may_be_object,
    [MEMBER_EXPECT_STAPLE] = &may_be_object,
    [MEMBER_HPKP] = &may_be_object,
    [MEMBER_TYPE] = &may_be_text,
    [MEMBER_CHECKSUM] = &may_be_text,
    [MEMBER_TEMPLATE] = &may_be_object,
    [MEMBER_SENTRY_TEMPLATE] = &may_be_object,
    [MEMBER_EXTRA] = &is_object,
    [MEMBER_BREADCRUMBS] = &is_list,
    [MEMBER_SDK] = &is_sdk,
    [MEMBER_SDK_NAME] = &is_text,
    [MEMBER_SDK_VERSION] = &is_text,
    [MEMBER_LOGGER] = &is_text,
    [MEMBER_CONTEXTS] = &may_be_object,
    [MEMBER_MODULES] = &may_be_object,
    [MEMBER_DEBUG_META] = &may_be_object,
};

struct str
members_name(enum member m)
{
    return names[m];
}

int
members_bad(enum member m, const char *must_be, struct error *e)
{
    return error_set(e, ERROR_MALFORMED, "invalid field: %s must be %s", names[m].p,
                     must_be);
}

/* Replaces a string by the object that it contains.  Returns 0 or -1. */
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

/* Another form that Sentry's clients send instead of an object: a list of [name,
 * value]. */
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

/* Checks the member against its rule.  Returns 0, or -1 with e; a contained object is
 * unwrapped. */
static int
check(struct arena *a, enum member m, bool lenient, struct str *value, struct error *e)
{
    const struct rule *rule = rules[m];
    enum scan_type type = scan_type(*value);
    unsigned types = rule->types | (lenient ? rule->lenient : 0);

    if ((types & 1U << type) == 0)
        return members_bad(m, rule->must_be, e);
    if (rule->held && type == SCAN_STRING && unwrap(a, m, value, e) != 0)
        return -1;
    if (m == MEMBER_TAGS && type == SCAN_ARRAY && !lenient && !is_list_of_pairs(*value))
        return members_bad(m, rule->must_be, e);
    return 0;
}

int
members_read(struct arena *a, struct str object, struct notes *notes,
             struct str out[N_MEMBERS], struct error *e)
{
    bool lenient = notes != NULL;

    if (json_pick(a, object, names, N_MEMBERS, out, e) != 0)
        return -1;
    for (unsigned i = 0; i < N_MEMBERS; i++) {
        enum member m = (enum member)i;
        struct str sent = out[i];

        if (sent.p == NULL || check(a, m, lenient, &out[i], e) == 0)
            continue;
        if (e->kind != ERROR_MALFORMED || (!lenient && !rules[i]->optional))
            return -1;
        out[i] = STR_NONE;
        if (lenient)
            notes_add(notes, NOTES_INVALID, names[i], sent);
    }
    return 0;
}
