#include "store/sqltext.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz_"

/* Finds the value of the variable whose name is at text; NULL: it has none. */
static const char *
value_of(const char *text, size_t n, const struct sqltext *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(values[i].name) == n && memcmp(values[i].name, text, n) == 0)
            return values[i].value;
    return NULL;
}

void
sqltext_fill(const char *text, const struct sqltext *values, size_t count,
             struct buf *out)
{
    const char *at = text, *colon;

    *out = buf_init(64 * LIMIT_KIB);
    for (; (colon = strchr(at, ':')) != NULL;) {
        size_t quote = colon[1] == '\'', n = strspn(colon + 1 + quote, NAME_CHARS);
        const char *value = value_of(colon + 1 + quote, n, values, count);

        buf_add(out, at, (size_t)(colon - at));
        at = colon + 1;
        if (value == NULL) {
            at += *at == ':'; /* a cast */
            buf_add(out, colon, (size_t)(at - colon));
            continue;
        }
        CHECK(!quote || strchr(value, '\'') == NULL);
        buf_add_f(out, quote ? "'%s'" : "%s", value);
        at += n + 2 * quote;
    }
    buf_add_text(out, at);
    buf_add_char(out, '\0');
}
