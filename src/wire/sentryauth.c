#include "wire/sentryauth.h"

#include "base/num.h"
#include "wire/base64.h"
#include "wire/query.h"

#define VERSION_MAX 7

/* The longest Basic credentials whose user may be a key. */
#define BASIC_BYTES 512U

enum item { ITEM_KEY, ITEM_VERSION, ITEM_CLIENT, ITEM_TIMESTAMP, ITEMS };

static const struct str names[ITEMS] = {[ITEM_KEY] = STR_INIT("sentry_key"),
                                        [ITEM_VERSION] = STR_INIT("sentry_version"),
                                        [ITEM_CLIENT] = STR_INIT("sentry_client"),
                                        [ITEM_TIMESTAMP] = STR_INIT("sentry_timestamp")};

/* The credentials in one place. */
struct said {
    bool there; /* it has a key, or a header that must have one */
    struct str item[ITEMS];
};

static struct said
read_pairs(struct str pairs)
{
    struct said s = {.there = true};

    while (pairs.p != NULL) {
        struct str rest = str_cut(&pairs, ','), name = str_trim(str_cut(&rest, '='));

        for (size_t i = 0; i < ITEMS; i++)
            if (rest.p != NULL && s.item[i].p == NULL && str_eq(name, names[i]))
                s.item[i] = str_trim(str_cut(&rest, '='));
    }
    return s;
}

/* The user of Basic credentials, decoded into out. */
static struct str
basic_user(struct str credentials, char out[BASIC_BYTES])
{
    struct str text;
    size_t n;

    if (credentials.n > BASIC_BYTES || base64_decode(credentials, out, &n) != 0)
        return STR_NONE;
    text = (struct str){out, n};
    return str_cut(&text, ':');
}

static struct said
read_header(struct str header, char basic[BASIC_BYTES])
{
    struct str rest = header, word = str_cut_word(&rest);
    struct said s = {.there = false};
    struct key ignored;

    if (str_eq_nocase(word, STR("sentry")))
        return read_pairs(rest);
    if (str_eq_nocase(word, STR("basic")))
        s.item[ITEM_KEY] = basic_user(rest, basic);
    else if (rest.p == NULL)
        s.item[ITEM_KEY] = word;
    s.there = s.item[ITEM_KEY].n > 0 && key_parse(s.item[ITEM_KEY], &ignored) == 0;
    return s;
}

static int
unauthorized(struct error *e, const char *text)
{
    return error_set(e, ERROR_UNAUTHORIZED, "%s", text);
}

static int
check_version(struct str version, struct error *e)
{
    struct str rest = version, number = str_cut(&rest, '.');
    int64_t n;

    if (version.n == 0)
        return 0;
    if (num_parse(number, 0, 1000000, &n) != 0)
        return unauthorized(e, "bad x-sentry-auth header");
    if (n > VERSION_MAX)
        return error_set(e, ERROR_MALFORMED, "unsupported protocol version (%d)", (int)n);
    return 0;
}

static int
take(struct sentryauth *out, const struct said *s, struct error *e)
{
    struct key key;

    if (!s->there)
        return 0;
    if (check_version(s->item[ITEM_VERSION], e) != 0)
        return -1;
    if (s->item[ITEM_KEY].n == 0)
        return unauthorized(e, "bad x-sentry-auth header");
    if (key_parse(s->item[ITEM_KEY], &key) != 0)
        return unauthorized(e, "bad sentry DSN public key");
    if (out->has_key && !key_eq(&out->key, &key))
        return unauthorized(e, "multiple authorization payloads detected");
    out->has_key = true;
    out->key = key;
    if (str_starts(s->item[ITEM_CLIENT], STR("raven-python/")) ||
        str_starts(s->item[ITEM_CLIENT], STR("sentry-python/")))
        out->python = true;
    if (s->item[ITEM_TIMESTAMP].p != NULL && out->timestamp.p == NULL)
        out->timestamp = s->item[ITEM_TIMESTAMP];
    return 0;
}

/* Returns the query's key as text; a value that is not a key must not be ignored. */
static struct said
read_query(struct str query, char text[ITEMS][SENTRYAUTH_TEXT_BYTES + 1])
{
    struct said s = {.there = false};

    for (size_t i = 0; i < ITEMS; i++) {
        int n = query_value(query, names[i], text[i], SENTRYAUTH_TEXT_BYTES + 1);

        if (n >= 0)
            s.item[i] = (struct str){text[i], (size_t)n};
    }
    if (s.item[ITEM_KEY].p == NULL && query_has(query, names[ITEM_KEY]))
        s.item[ITEM_KEY] = STR("?");
    s.there = s.item[ITEM_KEY].n > 0;
    return s;
}

int
sentryauth_find(const struct authkey_sources *from, struct sentryauth *out,
                struct error *e)
{
    char basic[2][BASIC_BYTES], query[ITEMS][SENTRYAUTH_TEXT_BYTES + 1];
    struct said said[3];
    struct str at;

    *out = (struct sentryauth){.has_key = false};
    said[0] = read_header(from->x_sentry_auth, basic[0]);
    said[1] = read_header(from->authorization, basic[1]);
    said[2] = read_query(from->query, query);
    for (size_t i = 0; i < COUNT_OF(said); i++)
        if (take(out, &said[i], e) != 0)
            return -1;
    at = out->timestamp;
    if (at.n > sizeof out->text)
        at = STR_NONE;
    for (size_t i = 0; i < at.n; i++)
        out->text[i] = at.p[i];
    out->timestamp = at.p == NULL ? STR_NONE : (struct str){out->text, at.n};
    return 0;
}

int
sentryauth_path(struct sentryauth *out, struct str text, struct error *e)
{
    const struct said s = {.there = text.n > 0, .item = {[ITEM_KEY] = text}};

    return take(out, &s, e);
}
