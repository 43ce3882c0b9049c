#include "base/key.h"

#include <string.h>

static bool
is_key_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_';
}

int
key_parse(struct str text, struct key *out)
{
    if (text.n == 0 || text.n > KEY_BYTES)
        return -1;
    for (size_t i = 0; i < text.n; i++)
        if (!is_key_char(text.p[i]))
            return -1;
    *out = (struct key){{0}};
    (void)memcpy(out->text, text.p, text.n);
    return 0;
}

bool
key_eq(const struct key *a, const struct key *b)
{
    unsigned char different = 0;

    for (size_t i = 0; i < KEY_BYTES; i++)
        different |= (unsigned char)(a->text[i] ^ b->text[i]);
    return different == 0;
}

struct str
key_text(const struct key *k)
{
    return (struct str){k->text, strnlen(k->text, KEY_BYTES)};
}
