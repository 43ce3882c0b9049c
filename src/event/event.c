#include "event/event.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "event/fingerprint.h"
#include "event/json.h"
#include "event/members.h"
#include "event/normal.h"
#include "event/scan.h"

#define TEXT(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* What is being put together, and what it is made of. */
struct work {
    struct arena *a;
    struct str member[MEMBER_COUNT];
    bool has_exception;
    struct str type, value; /* of the last exception; absent when not given or empty */
    struct str message;     /* in full; absent when not given or empty */
};

static int
no_memory(struct error *e)
{
    error_set(e, ERROR_UNAVAILABLE, "out of memory");
    e->retry_after_s = 1;
    return -1;
}

static struct str
absent_if_empty(struct str s)
{
    return s.n == 0 ? STR_NONE : s;
}

/* *out = the text of m, cut to max_chars; absent when there is none or it is empty. */
static int
read_text(struct work *w, enum member m, size_t max_chars, struct str *out,
          struct error *e)
{
    if (json_scalar(w->a, w->member[m], out, e) != 0)
        return -1;
    *out = absent_if_empty(*out);
    return normal_cut(w->a, *out, max_chars, out) == 0 ? 0 : no_memory(e);
}

static int
read_id(struct work *w, struct event *out, struct error *e)
{
    struct str text;

    if (json_scalar(w->a, w->member[MEMBER_EVENT_ID], &text, e) != 0)
        return -1;
    if (text.p == NULL)
        return 0;
    if (ids_parse(text, &out->id) != 0)
        return members_bad(MEMBER_EVENT_ID, "a UUID: 32 hexadecimal digits", e);
    out->has_id = true;
    return 0;
}

static int
read_time(struct work *w, struct event *out, struct error *e)
{
    struct str value = w->member[MEMBER_TIMESTAMP], text;
    int result;

    if (value.p == NULL)
        return 0;
    if (scan_type(value) == SCAN_NUMBER) {
        result = normal_time_number(value, &out->timestamp_us);
    } else {
        if (json_string(w->a, value, &text, e) != 0)
            return -1;
        result = normal_time_text(text, &out->timestamp_us);
    }
    if (result != 0)
        return members_bad(MEMBER_TIMESTAMP,
                           "a time: RFC 3339 or seconds, years 1 to 9999", e);
    return 0;
}

static int
read_level(struct work *w, struct event *out, struct error *e)
{
    struct str text;

    if (json_scalar(w->a, w->member[MEMBER_LEVEL], &text, e) != 0)
        return -1;
    out->level = text.p == NULL ? STR("error") : normal_level(text);
    if (out->level.p == NULL)
        return members_bad(MEMBER_LEVEL, "one of fatal, error, warning, info, debug", e);
    return 0;
}

/* The text of a message member: a string, or Sentry's {"message", "formatted", "params"}.
 */
static int
message_of(struct work *w, struct str value, struct str *out, struct error *e)
{
    static const struct str names[] = {TEXT("formatted"), TEXT("message")};
    struct str values[COUNT_OF(names)];

    *out = STR_NONE;
    if (value.p == NULL)
        return 0;
    if (scan_type(value) == SCAN_STRING) {
        if (json_string(w->a, value, out, e) != 0)
            return -1;
        *out = absent_if_empty(*out);
        return 0;
    }
    if (json_pick(w->a, value, names, COUNT_OF(names), values, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names) && out->n == 0; i++) {
        if (values[i].p == NULL || scan_type(values[i]) != SCAN_STRING)
            continue;
        if (json_string(w->a, values[i], out, e) != 0)
            return -1;
    }
    *out = absent_if_empty(*out);
    return 0;
}

static int
read_message(struct work *w, struct event *out, struct error *e)
{
    static const enum member from[] = {MEMBER_MESSAGE, MEMBER_LOGENTRY,
                                       MEMBER_SENTRY_MESSAGE};

    for (size_t i = 0; i < COUNT_OF(from) && w->message.p == NULL; i++)
        if (message_of(w, w->member[from[i]], &w->message, e) != 0)
            return -1;
    if (normal_cut(w->a, w->message, LIMIT_MESSAGE_CHARS, &out->message) != 0)
        return no_memory(e);
    return 0;
}

/* The last object in a list. */
static struct str
last_object(struct str list)
{
    struct scan_iter it = scan_open(list);
    struct str value, last = STR_NONE;

    while (scan_array_next(&it, &value))
        if (scan_type(value) == SCAN_OBJECT)
            last = value;
    return last;
}

/* Type and value of one exception.  A value that is no string stands for itself. */
static int
read_one_exception(struct work *w, struct str exception, struct error *e)
{
    static const struct str names[] = {TEXT("type"), TEXT("value")};
    struct str values[COUNT_OF(names)];

    if (json_pick(w->a, exception, names, COUNT_OF(names), values, e) != 0 ||
        json_scalar(w->a, values[0], &w->type, e) != 0 ||
        json_scalar(w->a, values[1], &w->value, e) != 0)
        return -1;
    if (w->value.p == NULL)
        w->value = values[1];
    w->type = absent_if_empty(w->type);
    w->value = absent_if_empty(w->value);
    return 0;
}

/* Three shapes: a list, {"values": list}, and one exception alone. */
static int
read_exception(struct work *w, enum member m, struct error *e)
{
    static const struct str names[] = {TEXT("values")};
    struct str list = w->member[m], one = STR_NONE;

    if (list.p == NULL)
        return 0;
    if (scan_type(list) == SCAN_OBJECT) {
        one = list;
        if (json_pick(w->a, one, names, COUNT_OF(names), &list, e) != 0)
            return -1;
    }
    if (list.p != NULL && scan_type(list) != SCAN_ARRAY && scan_type(list) != SCAN_OBJECT)
        return members_bad(m, "a list of exceptions", e);
    if (list.p != NULL)
        one = scan_type(list) == SCAN_ARRAY ? last_object(list) : list;
    if (one.p == NULL)
        return 0;
    if (read_one_exception(w, one, e) != 0)
        return -1;
    w->has_exception = list.p != NULL || w->type.p != NULL || w->value.p != NULL;
    return 0;
}

static int
make_title(struct work *w, struct event *out, struct error *e)
{
    struct str type = normal_first_line(w->type), line = normal_first_line(w->value);
    char *p;

    out->title = normal_first_line(w->message);
    if (w->has_exception && line.n == 0) {
        out->title = type.n == 0 ? STR("Error") : type;
    } else if (w->has_exception) {
        if (type.n == 0)
            type = STR("Error");
        type = utf8_head(type, LIMIT_TITLE_CHARS);
        line = utf8_head(line,
                         LIMIT_TITLE_CHARS + 1); /* one more shows that it was longer */
        p = arena_get(w->a, type.n + 2 + line.n);
        if (p == NULL)
            return no_memory(e);
        (void)memcpy(p, type.p, type.n);
        p[type.n] = ':';
        p[type.n + 1] = ' ';
        (void)memcpy(p + type.n + 2, line.p, line.n);
        out->title = (struct str){p, type.n + 2 + line.n};
    }
    if (out->title.n == 0)
        out->title = STR("<unlabeled event>");
    if (normal_cut(w->a, out->title, LIMIT_TITLE_CHARS, &out->title) != 0)
        return no_memory(e);
    return 0;
}

static void
default_fingerprint(const struct work *w, uint8_t out[FINGERPRINT_BYTES])
{
    struct fingerprint f;

    fingerprint_begin(&f);
    if (w->has_exception) {
        fingerprint_add(&f, FINGERPRINT_TYPE, w->type);
        fingerprint_add(&f, FINGERPRINT_VALUE, w->value);
    } else {
        fingerprint_add(&f, FINGERPRINT_MESSAGE, w->message);
    }
    fingerprint_end(&f, out);
}

/* Adds one part that the client gave; true in *given unless it stands for the default. */
static int
add_part(struct work *w, struct fingerprint *f, struct str value, struct str by_default,
         bool *given, struct error *e)
{
    enum scan_type type = scan_type(value);
    struct str text;

    if (type == SCAN_OBJECT || type == SCAN_ARRAY)
        return members_bad(MEMBER_FINGERPRINT, "a string or an array of strings", e);
    if (json_scalar(w->a, value, &text, e) != 0)
        return -1;
    if (text.p == NULL)
        return 0;
    if (fingerprint_is_default(text)) {
        fingerprint_add(f, FINGERPRINT_DEFAULT, by_default);
        return 0;
    }
    fingerprint_add(f, FINGERPRINT_GIVEN, text);
    *given = true;
    return 0;
}

static int
make_fingerprint(struct work *w, struct event *out, struct error *e)
{
    struct str value = w->member[MEMBER_FINGERPRINT], part;
    struct str by_default = {(const char *)out->fingerprint, FINGERPRINT_BYTES};
    struct fingerprint f;
    struct scan_iter it;
    bool given = false;

    default_fingerprint(w, out->fingerprint);
    if (value.p == NULL)
        return 0;
    fingerprint_begin(&f);
    if (scan_type(value) == SCAN_STRING) {
        if (add_part(w, &f, value, by_default, &given, e) != 0)
            return -1;
    } else {
        it = scan_open(value);
        while (scan_array_next(&it, &part))
            if (add_part(w, &f, part, by_default, &given, e) != 0)
                return -1;
    }
    if (given)
        fingerprint_end(&f, out->fingerprint);
    return 0;
}

/* "{{auto}}" asks for the address of the sender. */
static int
user_id_of(struct work *w, struct str user, struct str *out, struct error *e)
{
    static const struct str names[] = {TEXT("id"), TEXT("email"), TEXT("username"),
                                       TEXT("ip_address")};
    struct str values[COUNT_OF(names)];

    if (json_pick(w->a, user, names, COUNT_OF(names), values, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names) && out->n == 0; i++) {
        if (values[i].p == NULL ||
            (scan_type(values[i]) != SCAN_STRING && scan_type(values[i]) != SCAN_NUMBER))
            continue;
        if (json_scalar(w->a, values[i], out, e) != 0)
            return -1;
        if (str_eq(*out, STR("{{auto}}")))
            *out = STR_NONE;
    }
    *out = absent_if_empty(*out);
    return normal_cut(w->a, *out, LIMIT_USER_ID_CHARS, out) == 0 ? 0 : no_memory(e);
}

static int
read_user(struct work *w, struct event *out, struct error *e)
{
    static const enum member from[] = {MEMBER_USER, MEMBER_USER_CONTEXT,
                                       MEMBER_SENTRY_USER};

    for (size_t i = 0; i < COUNT_OF(from) && out->user_id.p == NULL; i++)
        if (w->member[from[i]].p != NULL &&
            user_id_of(w, w->member[from[i]], &out->user_id, e) != 0)
            return -1;
    return 0;
}

static int
read_columns(struct work *w, struct event *out, struct error *e)
{
    const struct {
        enum member from;
        size_t max_chars;
        struct str *to;
    } columns[] = {
        {MEMBER_ENVIRONMENT, LIMIT_ENVIRONMENT_CHARS, &out->environment},
        {MEMBER_RELEASE, LIMIT_RELEASE_CHARS, &out->release},
        {MEMBER_PLATFORM, LIMIT_PLATFORM_CHARS, &out->platform},
        {MEMBER_SERVER_NAME, LIMIT_SERVER_NAME_CHARS, &out->server_name},
        {MEMBER_TRANSACTION, LIMIT_TRANSACTION_CHARS, &out->transaction},
        {MEMBER_CULPRIT, LIMIT_CULPRIT_CHARS, &out->culprit},
    };

    for (size_t i = 0; i < COUNT_OF(columns); i++)
        if (read_text(w, columns[i].from, columns[i].max_chars, columns[i].to, e) != 0)
            return -1;
    if (out->culprit.p == NULL)
        out->culprit = out->transaction;
    if (w->member[MEMBER_TAGS].p == NULL)
        return 0;
    return json_tags(w->a, w->member[MEMBER_TAGS], &out->tags, e);
}

int
event_parse(struct arena *a, struct str json, int64_t received_at_us, struct event *out,
            struct error *e)
{
    struct work w = {.a = a};
    struct str object;

    *out = (struct event){.timestamp_us = received_at_us};
    if (scan_blank(json))
        return error_set(e, ERROR_MALFORMED, "empty body");
    if (scan_value(json, LIMIT_JSON_DEPTH, &object, e) != 0)
        return -1;
    if (scan_type(object) != SCAN_OBJECT)
        return error_set(e, ERROR_MALFORMED, "an event must be a JSON object, got %s",
                         scan_type_name(scan_type(object)));
    if (members_read(a, object, w.member, e) != 0 || read_id(&w, out, e) != 0 ||
        read_time(&w, out, e) != 0 || read_level(&w, out, e) != 0 ||
        read_message(&w, out, e) != 0 || read_exception(&w, MEMBER_EXCEPTION, e) != 0)
        return -1;
    if (!w.has_exception && read_exception(&w, MEMBER_SENTRY_EXCEPTION, e) != 0)
        return -1;
    if (w.message.p == NULL && !w.has_exception)
        return error_set(e, ERROR_MALFORMED, "missing required field: message");
    if (make_title(&w, out, e) != 0 || make_fingerprint(&w, out, e) != 0 ||
        read_user(&w, out, e) != 0)
        return -1;
    return read_columns(&w, out, e);
}

bool
event_find_id(struct arena *a, struct str json, struct uuid *out)
{
    static const struct str name = TEXT("event_id");
    struct str object, value, text;
    struct error ignored;

    return scan_value(json, LIMIT_JSON_DEPTH, &object, &ignored) == 0 &&
           scan_type(object) == SCAN_OBJECT &&
           json_pick(a, object, &name, 1, &value, &ignored) == 0 &&
           json_scalar(a, value, &text, &ignored) == 0 && text.p != NULL &&
           ids_parse(text, out) == 0;
}
