#include "wire/query.h"

#include "base/limits.h"
#include "base/num.h"

ptrdiff_t
query_decode(struct str raw, bool plus, char *out, size_t out_bytes)
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
query_raw(struct str query, struct str name)
{
    while (query.p != NULL) {
        struct str value = str_cut(&query, '&'), raw = str_cut(&value, '=');
        char decoded[64];
        ptrdiff_t n = query_decode(raw, true, decoded, sizeof decoded);

        if (n >= 0 && str_eq((struct str){decoded, (size_t)n}, name))
            return value.p == NULL ? STR("") : value;
    }
    return STR_NONE;
}

int
query_value(struct str query, struct str name, char *out, size_t out_bytes)
{
    struct str raw = query_raw(query, name);

    if (out_bytes > LIMIT_QUERY_VALUE_BYTES)
        out_bytes = LIMIT_QUERY_VALUE_BYTES;
    return raw.p == NULL ? -1 : (int)query_decode(raw, true, out, out_bytes);
}

bool
query_has(struct str query, struct str name)
{
    return query_raw(query, name).n > 0;
}
