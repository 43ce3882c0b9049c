#include "base/jsonout.h"

static void
add_escaped(struct buf *b, unsigned char c)
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

void
jsonout_string(struct buf *b, struct str s)
{
    size_t from = 0;

    if (s.p == NULL) {
        buf_add_text(b, "null");
        return;
    }
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        buf_add(b, s.p + from, i - from);
        add_escaped(b, c);
        from = i + 1;
    }
    if (s.n > from)
        buf_add(b, s.p + from, s.n - from);
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
    buf_add_str(b, json);
}
