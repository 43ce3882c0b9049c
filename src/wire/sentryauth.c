#include "wire/sentryauth.h"

#include "base/num.h"
#include "wire/base64.h"

#define VERSION_MAX 7

/* The longest Basic credentials whose user may be a key. */
#define BASIC_BYTES 512U

/* What is said in one place. */
struct said {
    bool there; /* a key, or a header that must have one */
    struct str key, version, client, timestamp;
};

static struct said
read_pairs(struct str pairs)
{
    struct said s = {.there = true};

    const struct {
        struct str name;
        struct str *value;
    } known[] = {{STR("sentry_key"), &s.key},
                 {STR("sentry_version"), &s.version},
                 {STR("sentry_client"), &s.client},
                 {STR("sentry_timestamp"), &s.timestamp}};

    while (pairs.p != NULL) {
        struct str rest = str_cut(&pairs, ','), name = str_trim(str_cut(&rest, '='));

        for (size_t i = 0; i < COUNT_OF(known); i++)
            if (rest.p != NULL && known[i].value->p == NULL &&
                str_eq(name, known[i].name))
                *known[i].value = str_trim(str_cut(&rest, '='));
    }
    return s;
}

/* The first word of a header, without blanks; *rest is what follows it, absent when
 * nothing does. */
static struct str
first_word(struct str header, struct str *rest)
{
    struct str all = str_trim(header);

    *rest = STR_NONE;
    for (size_t i = 0; i < all.n; i++)
        if (all.p[i] == ' ' || all.p[i] == '\t') {
            *rest = str_trim((struct str){all.p + i, all.n - i});
            return (struct str){all.p, i};
        }
    return all;
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
    struct str rest, word = first_word(header, &rest);
    struct said s = {.there = false};
    struct key ignored;

    if (str_eq_nocase(word, STR("sentry")))
        return read_pairs(rest);
    if (str_eq_nocase(word, STR("basic")))
        s.key = basic_user(rest, basic);
    else if (rest.p == NULL)
        s.key = word;
    s.there = s.key.n > 0 && key_parse(s.key, &ignored) == 0;
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
    if (check_version(s->version, e) != 0)
        return -1;
    if (s->key.n == 0)
        return unauthorized(e, "bad x-sentry-auth header");
    if (key_parse(s->key, &key) != 0)
        return unauthorized(e, "bad sentry DSN public key");
    if (out->has_key && !key_eq(&out->key, &key))
        return unauthorized(e, "multiple authorization payloads detected");
    out->has_key = true;
    out->key = key;
    if (str_starts(s->client, STR("raven-python/")) ||
        str_starts(s->client, STR("sentry-python/")))
        out->python = true;
    if (s->timestamp.p != NULL && out->timestamp.p == NULL)
        out->timestamp = s->timestamp;
    return 0;
}

/* The query's key as text; what is there and is no key must not be passed over. */
static struct said
read_query(struct str query, char text[4][SENTRYAUTH_TEXT_BYTES + 1])
{
    struct said s = {.there = false};

    const struct {
        struct str name;
        struct str *value;
    } known[] = {{STR("sentry_key"), &s.key},
                 {STR("sentry_version"), &s.version},
                 {STR("sentry_client"), &s.client},
                 {STR("sentry_timestamp"), &s.timestamp}};

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        int n =
            authkey_query_value(query, known[i].name, text[i], SENTRYAUTH_TEXT_BYTES + 1);

        if (n >= 0)
            *known[i].value = (struct str){text[i], (size_t)n};
    }
    if (s.key.p == NULL && authkey_query_has(query, STR("sentry_key")))
        s.key = STR("?");
    s.there = s.key.n > 0;
    return s;
}

int
sentryauth_find(const struct authkey_sources *from, struct sentryauth *out,
                struct error *e)
{
    char basic[2][BASIC_BYTES], query[4][SENTRYAUTH_TEXT_BYTES + 1];
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
