#include "wire/authkey.h"

#include "base/limits.h"
#include "base/num.h"
#include "wire/query.h"

enum found { FOUND_NOTHING, FOUND_KEY, FOUND_BAD };

static enum found
key_of(struct str text, struct key *out)
{
    return key_parse(text, out) == 0 ? FOUND_KEY : FOUND_BAD;
}

/* Reads "sentry_version=7, sentry_key=KEY, …". */
static enum found
pairs_key(struct str pairs, struct key *out)
{
    while (pairs.p != NULL) {
        struct str value = str_cut(&pairs, ',');
        struct str name = str_cut(&value, '=');

        if (str_eq(str_trim(name), STR("sentry_key")) && value.p != NULL)
            return key_of(str_trim(str_cut(&value, '=')), out);
    }
    return FOUND_BAD;
}

static enum found
x_sentry_key(struct str header, struct key *out)
{
    struct str rest = header, word = str_cut_word(&rest);

    if (word.n == 0)
        return FOUND_NOTHING;
    if (str_eq_nocase(word, STR("sentry")))
        return pairs_key(rest, out);
    return rest.p == NULL ? key_of(word, out) : FOUND_BAD;
}

/* Other schemes are ignored: a proxy's Basic must not hide the key in the query. */
static enum found
authorization_key(struct str header, struct key *out)
{
    struct str rest = header, word = str_cut_word(&rest);

    if (word.n == 0)
        return FOUND_NOTHING;
    if (str_eq_nocase(word, STR("sentry")))
        return pairs_key(rest, out);
    if (str_eq_nocase(word, STR("bearer")))
        return key_of(rest, out);
    return rest.p == NULL ? key_of(word, out) : FOUND_NOTHING;
}

static enum found
query_key(struct str query, struct key *out)
{
    struct str raw = query_raw(query, STR("sentry_key"));
    char text[LIMIT_QUERY_VALUE_BYTES];
    ptrdiff_t n;

    if (raw.n == 0)
        return FOUND_NOTHING;
    n = query_decode(raw, true, text, sizeof text);
    return n < 0 ? FOUND_BAD : key_of((struct str){text, (size_t)n}, out);
}

static int
refuse(struct error *e, const char *detail)
{
    error_set(e, ERROR_UNAUTHORIZED, "unauthorized");
    return error_detail(e, "%s", detail);
}

int
authkey_find(const struct authkey_sources *from, struct key *out, struct error *e)
{
    struct key keys[3];

    const enum found found[3] = {
        x_sentry_key(from->x_sentry_auth, &keys[0]),
        authorization_key(from->authorization, &keys[1]),
        query_key(from->query, &keys[2]),
    };
    const struct key *first = NULL;

    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (found[i] == FOUND_BAD)
            return refuse(e, i == 0   ? "X-Sentry-Auth has no key"
                             : i == 1 ? "Authorization has no key"
                                      : "sentry_key in the query is not a key");
        if (found[i] == FOUND_KEY && first != NULL && !key_eq(first, &keys[i]))
            return refuse(e, "conflicting keys");
        if (found[i] == FOUND_KEY && first == NULL)
            first = &keys[i];
    }
    if (first == NULL)
        return refuse(e, "no key");
    *out = *first;
    return 0;
}
