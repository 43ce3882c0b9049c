#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "event/normal.h"
#include "event/work.h"
#include "json/json.h"
#include "json/scan.h"

static struct str
absent_if_empty(struct str s)
{
    return s.n == 0 ? STR_NONE : s;
}

int
work_cut(struct work *w, struct str name, struct str text, size_t max_chars,
         struct str *out, struct error *e)
{
    if (normal_cut(w->a, text, max_chars, out) != 0)
        return error_no_memory(e);
    if (out->p != text.p && w->sentry != NULL)
        notes_add(&w->notes, NOTES_LONG, name, STR_NONE);
    return 0;
}

/* Has text one of the characters in set, or is it one of the words? */
static bool
is_barred(struct str text, const char *set, const char *const words[])
{
    for (size_t i = 0; i < text.n; i++)
        if (strchr(set, text.p[i]) != NULL)
            return true;
    for (size_t i = 0; words[i] != NULL; i++)
        if (str_eq(text, str_of(words[i])))
            return true;
    return false;
}

/* What Sentry takes for no release and no environment at all. */
static bool
is_no_name(enum member m, struct str text)
{
    static const char *const releases[] = {".", "..", "latest", NULL};
    static const char *const environments[] = {"none", NULL};

    if (m == MEMBER_RELEASE)
        return is_barred(text, "/\\\r\n\t\f", releases);
    return m == MEMBER_ENVIRONMENT && is_barred(text, "/\r\n\f", environments);
}

/* *out = the text of m, cut to max_chars; absent when there is none or it is empty. */
static int
read_text(struct work *w, enum member m, size_t max_chars, struct str *out,
          struct error *e)
{
    if (json_scalar(w->a, w->member[m], out, e) != 0)
        return -1;
    if (w->sentry != NULL) {
        *out = str_trim(*out);
        if (is_no_name(m, *out)) {
            notes_add(&w->notes, NOTES_INVALID, members_name(m), w->member[m]);
            *out = STR_NONE;
        }
    }
    *out = absent_if_empty(*out);
    return work_cut(w, members_name(m), *out, max_chars, out, e);
}

/* "{{auto}}" asks for the address of the sender: the one that the program's own server
 * saw, else the one that we see. */
static int
address_of(struct work *w, struct str *out, struct error *e)
{
    static const struct str env_name = STR_INIT("env"),
                            addr_name = STR_INIT("REMOTE_ADDR");
    struct str request = w->member[MEMBER_REQUEST], env = STR_NONE, value;

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
    if (out->n == 0)
        *out = w->sentry->address;
    return 0;
}

static int
user_id_of(struct work *w, struct str user, struct str *out, struct error *e)
{
    static const struct str names[] = {STR_INIT("id"), STR_INIT("email"),
                                       STR_INIT("username"), STR_INIT("ip_address")};
    struct str values[COUNT_OF(names)];

    if (json_pick(w->a, user, names, COUNT_OF(names), values, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names) && out->n == 0; i++) {
        if (values[i].p == NULL ||
            (scan_type(values[i]) != SCAN_STRING && scan_type(values[i]) != SCAN_NUMBER))
            continue;
        if (json_scalar(w->a, values[i], out, e) != 0)
            return -1;
        if (str_eq(*out, STR("{{auto}}")) && address_of(w, out, e) != 0)
            return -1;
    }
    *out = absent_if_empty(*out);
    return work_cut(w, STR("user"), *out, LIMIT_USER_ID_CHARS, out, e);
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

/* The tag "environment" stands in for the field. */
static int
read_tags(struct work *w, struct event *out, struct error *e)
{
    struct str tags = w->member[MEMBER_TAGS], text;

    if (tags.p == NULL)
        return 0;
    if (json_tags(w->a, tags, &out->tags, e) != 0)
        return -1;
    if (w->sentry == NULL || out->environment.p != NULL)
        return 0;
    if (json_tag(w->a, tags, STR("environment"), &text, e) != 0)
        return -1;
    if (text.n == 0 || is_no_name(MEMBER_ENVIRONMENT, text))
        return 0;
    return work_cut(w, STR("environment"), text, LIMIT_ENVIRONMENT_CHARS,
                    &out->environment, e);
}

int
columns_read(struct work *w, struct event *out, struct error *e)
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
    if (work_cut(w, STR("message"), w->message.text, LIMIT_MESSAGE_CHARS, &out->message,
                 e) != 0 ||
        work_cut(w, STR("exception.type"), w->exception.type, LIMIT_TYPE_CHARS,
                 &out->type, e) != 0 ||
        work_cut(w, STR("exception.value"), w->exception.value, LIMIT_VALUE_CHARS,
                 &out->value, e) != 0 ||
        read_user(w, out, e) != 0)
        return -1;
    return read_tags(w, out, e);
}
