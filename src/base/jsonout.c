#include "base/jsonout.h"

static void
add_escaped(struct buf *b, unsigned c)
{
    switch (c) {
    case '"':
        buf_add_text(b, "\\\"");
        break;
    case '\\':
        buf_add_text(b, "\\\\");
        break;
    case '\n':
        buf_add_text(b, "\\n");
        break;
    case '\r':
        buf_add_text(b, "\\r");
        break;
    case '\t':
        buf_add_text(b, "\\t");
        break;
    default:
        buf_add_f(b, "\\u%04x", c);
    }
}

/* Returns whether it controls a terminal or changes the direction of writing: JSON allows
 * such characters, but people who read it must not see them. */
static bool
steers(unsigned c)
{
    return (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Returns the length of a terminal-controlling character at s, and sets *c to it; 0:
 * none. */
static size_t
steering(struct str s, unsigned *c)
{
    unsigned char first = (unsigned char)s.p[0];
    size_t n = first == 0x7f                    ? 1
               : first == 0xc2 || first == 0xd8 ? 2
               : first == 0xe2                  ? 3
                                                : 0;

    if (n == 0 || n > s.n)
        return 0;
    *c = n == 1 ? first : n == 2 ? first & 0x1fU : first & 0x0fU;
    for (size_t i = 1; i < n; i++)
        *c = *c << 6 | ((unsigned char)s.p[i] & 0x3fU);
    return steers(*c) ? n : 0;
}

/* Appends s with such characters as \u and four digits, which mean the same in a JSON
 * string.  quoted: also escapes the characters that a JSON string requires. */
static void
add_harmless(struct buf *b, struct str s, bool quoted)
{
    size_t from = 0;

    for (size_t i = 0; i < s.n;) {
        unsigned c = (unsigned char)s.p[i];
        bool special = quoted && (c < 0x20 || c == '"' || c == '\\');
        size_t n = special    ? 1
                   : c < 0x7f ? 0
                              : steering((struct str){s.p + i, s.n - i}, &c);

        if (n == 0) {
            i++;
            continue;
        }
        if (i > from)
            buf_add(b, s.p + from, i - from);
        add_escaped(b, c);
        i += n;
        from = i;
    }
    if (s.n > from)
        buf_add(b, s.p + from, s.n - from);
}

void
jsonout_string(struct buf *b, struct str s)
{
    if (s.p == NULL) {
        buf_add_text(b, "null");
        return;
    }
    buf_add_char(b, '"');
    add_harmless(b, s, true);
    buf_add_char(b, '"');
}

void
jsonout_name(struct buf *b, const char *name)
{
    if (b->n > 0 && b->data[b->n - 1] != '{' && b->data[b->n - 1] != '[')
        buf_add_char(b, ',');
    jsonout_string(b, str_of(name));
    buf_add_char(b, ':');
}

void
jsonout_text(struct buf *b, const char *name, struct str s)
{
    jsonout_name(b, name);
    jsonout_string(b, s);
}

void
jsonout_number(struct buf *b, const char *name, int64_t v)
{
    jsonout_name(b, name);
    buf_add_f(b, "%lld", (long long)v);
}

void
jsonout_raw(struct buf *b, const char *name, struct str json)
{
    jsonout_name(b, name);
    add_harmless(b, json, false);
}
