#include "wire/authkey.h"

#include "base/limits.h"
#include "base/num.h"

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

/* Other schemes are for others: a proxy's Basic must not hide the key in the query. */
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

ptrdiff_t
authkey_decode(struct str raw, bool plus, char *out, size_t out_bytes)
{
    size_t n = 0;

    for (size_t i = 0; i < raw.n; i++) {
        int high, low;

        if (n == out_bytes)
            return -1;
        if (raw.p[i] != '%') {
            out[n] = raw.p[i];
            if (raw.p[i] == '+' && plus)
                out[n] = ' ';
            n++;
            continue;
        }
        if (raw.n - i < 3)
            return -1;
        high = num_hex_digit(raw.p[i + 1]);
        low = num_hex_digit(raw.p[i + 2]);
        if (high < 0 || low < 0)
            return -1;
        out[n++] = (char)(unsigned char)(high << 4 | low);
        i += 2;
    }
    return (ptrdiff_t)n;
}

struct str
authkey_query_raw(struct str query, struct str name)
{
    while (query.p != NULL) {
        struct str value = str_cut(&query, '&'), raw = str_cut(&value, '=');
        char decoded[64];
        ptrdiff_t n = authkey_decode(raw, true, decoded, sizeof decoded);

        if (n >= 0 && str_eq((struct str){decoded, (size_t)n}, name))
            return value.p == NULL ? STR("") : value;
    }
    return STR_NONE;
}

int
authkey_query_value(struct str query, struct str name, char *out, size_t out_bytes)
{
    struct str raw = authkey_query_raw(query, name);

    if (out_bytes > LIMIT_QUERY_VALUE_BYTES)
        out_bytes = LIMIT_QUERY_VALUE_BYTES;
    return raw.p == NULL ? -1 : (int)authkey_decode(raw, true, out, out_bytes);
}

bool
authkey_query_has(struct str query, struct str name)
{
    return authkey_query_raw(query, name).n > 0;
}

static enum found
query_key(struct str query, struct key *out)
{
    struct str raw = authkey_query_raw(query, STR("sentry_key"));
    char text[LIMIT_QUERY_VALUE_BYTES];
    ptrdiff_t n;

    if (raw.n == 0)
        return FOUND_NOTHING;
    n = authkey_decode(raw, true, text, sizeof text);
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
            return refuse(e, i == 0   ? "X-Sentry-Auth holds no key"
                             : i == 1 ? "Authorization holds no key"
                                      : "sentry_key in the query is no key");
        if (found[i] == FOUND_KEY && first != NULL && !key_eq(first, &keys[i]))
            return refuse(e, "several keys that differ");
        if (found[i] == FOUND_KEY && first == NULL)
            first = &keys[i];
    }
    if (first == NULL)
        return refuse(e, "no key");
    *out = *first;
    return 0;
}
