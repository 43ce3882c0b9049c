#include "wire/base64.h"

#include <stdint.h>

/* Returns the six bits of a letter; -1: none. */
static int
bits_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int
base64_decode(struct str text, char *out, size_t *n)
{
    uint32_t held = 0;
    unsigned bits = 0, padding = 0;

    *n = 0;
    for (size_t i = 0; i < text.n; i++) {
        int six = bits_of(text.p[i]);

        if (is_blank(text.p[i]))
            continue;
        if (text.p[i] == '=') {
            padding++;
            continue;
        }
        if (six < 0 || padding > 0)
            return -1;
        held = held << 6 | (uint32_t)six;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[(*n)++] = (char)(unsigned char)(held >> bits & 0xffU);
        }
    }
    /* Remaining bits must be the zero bits of a last letter. */
    if (bits >= 6 || (held & ((1U << bits) - 1)) != 0 || padding > 2)
        return -1;
    return 0;
}
