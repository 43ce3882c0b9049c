/*
 * fuzz_authkey: X-Sentry-Auth, Authorization and the query, a line each.
 *
 * A key that is found is one, is the same when it is the only thing sent, and does not
 * get lost by saying it twice.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/authkey.h"

static int
fuzz_one(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct authkey_sources from, again;
    struct key k, other;
    struct error e;

    from.x_sentry_auth = str_cut(&rest, '\n');
    from.authorization = str_cut(&rest, '\n');
    from.query = rest;
    if (authkey_find(&from, &k, &e) != 0) {
        CHECK(e.kind == ERROR_UNAUTHORIZED && strcmp(e.text, "unauthorized") == 0);
        return 0;
    }
    CHECK(key_parse(key_text(&k), &other) == 0 && key_eq(&k, &other));
    /* Alone, this text is the word of a scheme; it is too short to be anybody's key. */
    if (str_eq_nocase(key_text(&k), STR("sentry")))
        return 0;
    again = (struct authkey_sources){key_text(&k), STR_NONE, STR_NONE};
    CHECK(authkey_find(&again, &other, &e) == 0);
    CHECK(key_eq(&k, &other));
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
