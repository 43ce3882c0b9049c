#include "base/address.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "event/normal.h"
#include "event/work.h"
#include "json/json.h"
#include "json/scan.h"
#include "scrub/scrub_scan.h"

/* Of the members that say who the user is, the last one. */
#define USER_ADDRESS 3U

static struct str
absent_if_empty(struct str s)
{
    return s.n == 0 ? STR_NONE : s;
}

int
work_cut(struct work *w, struct str name, struct str text, size_t max_chars,
         struct str *out, struct error *e)
{
    if (utf8_cut(w->a, text, max_chars, out) != 0)
        return error_no_memory(e);
    if (out->p != text.p && w->sentry != NULL)
        notes_add(&w->notes, NOTES_LONG, name, STR_NONE);
    return 0;
}

static bool
is_no_name(enum member m, struct str text)
{
    return (m == MEMBER_RELEASE && !normal_is_release(text)) ||
           (m == MEMBER_ENVIRONMENT && !normal_is_environment(text));
}

/* Sets *out to the text of m, trimmed and cut to max_chars; absent when missing or empty.
 * In lists nobody needs the query of a URL. */
static int
read_text(struct work *w, enum member m, size_t max_chars, struct str *out,
          struct error *e)
{
    if (json_scalar(w->a, w->member[m], out, e) != 0)
        return -1;
    *out = utf8_trim(*out);
    if (w->sentry != NULL && is_no_name(m, *out)) {
        notes_add(&w->notes, NOTES_INVALID, members_name(m), w->member[m]);
        *out = STR_NONE;
    }
    *out = absent_if_empty(*out);
    if ((m == MEMBER_CULPRIT || m == MEMBER_TRANSACTION) &&
        normal_urls(w->a, *out, out) != 0)
        return error_no_memory(e);
    return work_cut(w, members_name(m), *out, max_chars, out, e);
}

/* "{{auto}}" asks for the sender's address: the one seen by the program's own server,
 * else the one seen here. */
static int
address_of(struct work *w, struct str *out, struct error *e)
{
    static const struct str env_name = STR_INIT("env"),
                            addr_name = STR_INIT("REMOTE_ADDR");
    struct str request = w->member[MEMBER_REQUEST], env = STR_NONE, value = STR_NONE;

    *out = STR_NONE;
    if (w->sentry == NULL)
        return 0;
    if (request.p == NULL)
        request = w->member[MEMBER_SENTRY_REQUEST];
    if (request.p != NULL && json_pick(w->a, request, &env_name, 1, &env, e) != 0)
        return -1;
    if (env.p != NULL && scan_type(env) == SCAN_OBJECT &&
        (json_pick(w->a, env, &addr_name, 1, &value, e) != 0 ||
         json_scalar(w->a, value, out, e) != 0))
        return -1;
    if (out->n > 0 && !address_is_ip(*out)) {
        notes_add(&w->notes, NOTES_INVALID, STR("request.env.REMOTE_ADDR"), value);
        *out = STR_NONE;
    }
    if (out->n == 0)
        *out = w->sentry->address;
    return 0;
}

/* Reads user.ip_address, absent when it is invalid. */
static int
user_address(struct work *w, struct str value, struct event *ev, struct str *out,
             struct error *e)
{
    if (json_scalar(w->a, value, out, e) != 0)
        return -1;
    *out = utf8_trim(*out);
    if (str_eq(*out, STR("{{auto}}"))) {
        if (address_of(w, out, e) != 0)
            return -1;
        ev->address_at = value;
        ev->address = *out;
        return 0;
    }
    if (str_eq(*out, STR(SCRUB_FILTERED))) /* identifies nobody */
        *out = STR_NONE;
    else if (value.p != NULL && !address_is_ip(*out)) {
        if (out->p == NULL || out->n > 0)
            notes_add(&w->notes, NOTES_INVALID, STR("user.ip_address"), value);
        *out = STR_NONE;
    }
    return 0;
}

static int
user_id_of(struct work *w, struct str user, struct event *ev, struct error *e)
{
    static const struct str names[] = {STR_INIT("id"), STR_INIT("email"),
                                       STR_INIT("username"), STR_INIT("ip_address")};
    struct str values[COUNT_OF(names)], address, *out = &ev->user_id;

    if (json_pick(w->a, user, names, COUNT_OF(names), values, e) != 0 ||
        user_address(w, values[USER_ADDRESS], ev, &address, e) != 0)
        return -1;
    for (size_t i = 0; i < USER_ADDRESS && out->n == 0; i++) {
        if (values[i].p == NULL ||
            (scan_type(values[i]) != SCAN_STRING && scan_type(values[i]) != SCAN_NUMBER))
            continue;
        if (json_scalar(w->a, values[i], out, e) != 0)
            return -1;
        if (str_eq(*out, STR(SCRUB_FILTERED)))
            *out = STR_NONE;
    }
    *out = absent_if_empty(out->n == 0 ? address : *out);
    return work_cut(w, STR("user"), *out, LIMIT_USER_ID_CHARS, out, e);
}

static int
read_user(struct work *w, struct event *out, struct error *e)
{
    static const enum member from[] = {MEMBER_USER, MEMBER_USER_CONTEXT,
                                       MEMBER_SENTRY_USER};

    for (size_t i = 0; i < COUNT_OF(from) && out->user_id.p == NULL; i++)
        if (w->member[from[i]].p != NULL &&
            user_id_of(w, w->member[from[i]], out, e) != 0)
            return -1;
    return 0;
}

int
work_tag(struct work *w, struct str name, struct str *out, struct error *e)
{
    struct str tags = w->member[MEMBER_TAGS];

    *out = STR_NONE;
    if (tags.p == NULL)
        return 0;
    if (w->tags.list == NULL && json_tags_index(w->a, tags, &w->tags, e) != 0)
        return -1;
    return json_scalar(w->a, lookup_name(&w->tags, name), out, e);
}

static void
note_tag(void *context, bool too_long, struct str name, struct str value)
{
    struct work *w = context;
    struct str path = STR("tags");
    struct buf b = buf_init(LIMIT_KIB);

    if (name.p != NULL) {
        buf_add_text(&b, "tags.");
        buf_add_str(&b, utf8_head(name, LIMIT_TAG_CHARS));
        if (b.failed || arena_copy(w->a, buf_str(&b), &path) != 0)
            path = STR("tags");
    }
    buf_release(&b);
    notes_add(&w->notes, too_long ? NOTES_LONG : NOTES_INVALID, path, value);
}

/* The tag "environment" replaces a missing field. */
static int
read_tags(struct work *w, struct event *out, struct error *e)
{
    const struct json_tags_notes notes = {note_tag, w};
    struct str tags = w->member[MEMBER_TAGS], text;

    if (tags.p == NULL)
        return 0;
    if (json_tags(w->a, tags, &notes, &out->tags, e) != 0)
        return -1;
    if (w->sentry == NULL || out->environment.p != NULL)
        return 0;
    if (work_tag(w, STR("environment"), &text, e) != 0)
        return -1;
    text = utf8_trim(text);
    if (text.n == 0 || is_no_name(MEMBER_ENVIRONMENT, text))
        return 0;
    return work_cut(w, STR("environment"), text, LIMIT_ENVIRONMENT_CHARS,
                    &out->environment, e);
}

#define READ_MEMBER(NAME, column, limit) {MEMBER_##NAME, limit, &out->column},
#define READ_OTHER(NAME, column, limit)
#define READ(number, NAME, column, kind, null, array, limit, reader, ...) \
    READ_##reader(NAME, column, limit)

int
columns_read(struct work *w, struct event *out, struct error *e)
{
    const struct {
        enum member from;
        size_t max_chars;
        struct str *to;
    } columns[] = {EVENT_COLUMNS(READ)};

    for (size_t i = 0; i < COUNT_OF(columns); i++)
        if (read_text(w, columns[i].from, columns[i].max_chars, columns[i].to, e) != 0)
            return -1;
    if (work_cut(w, STR("message"), w->message.text, LIMIT_MESSAGE_CHARS, &out->message,
                 e) != 0 ||
        read_user(w, out, e) != 0)
        return -1;
    return read_tags(w, out, e);
}

int
columns_read_exception(struct work *w, struct event *out, struct error *e)
{
    if (work_cut(w, STR("exception.type"), w->exception.type, LIMIT_TYPE_CHARS,
                 &out->type, e) != 0)
        return -1;
    return work_cut(w, STR("exception.value"), w->exception.value, LIMIT_VALUE_CHARS,
                    &out->value, e);
}
