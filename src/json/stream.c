#include "json/stream.h"

#include "base/budget.h"

void
stream_begin(struct stream *s)
{
    s->state = STREAM_START;
    s->depth = 0;
}

bool
stream_is_open(const struct stream *s)
{
    return s->state != STREAM_START;
}

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
in_object(const struct stream *s)
{
    return (s->object[(s->depth - 1) / 8] >> ((s->depth - 1) % 8) & 1) != 0;
}

static enum stream_result
open_level(struct stream *s, bool object)
{
    uint8_t bit = (uint8_t)(1U << (s->depth % 8));

    if (s->depth == STREAM_DEPTH_MAX)
        return STREAM_BAD;
    if (object)
        s->object[s->depth / 8] |= bit;
    else
        s->object[s->depth / 8] = (uint8_t)(s->object[s->depth / 8] & ~bit);
    s->depth++;
    s->state = STREAM_OPEN;
    return STREAM_MORE;
}

static enum stream_result
close_level(struct stream *s, bool object)
{
    if (in_object(s) != object)
        return STREAM_BAD;
    s->depth--;
    s->state = STREAM_AFTER_VALUE;
    return s->depth == 0 ? STREAM_END : STREAM_MORE;
}

static void
begin_string(struct stream *s, bool is_name)
{
    s->state = STREAM_STRING;
    s->is_name = is_name;
}

static enum stream_result
begin_value(struct stream *s, unsigned char c)
{
    switch (c) {
    case '{':
        return open_level(s, true);
    case '[':
        return open_level(s, false);
    case '"':
        begin_string(s, false);
        return STREAM_MORE;
    case ']':
    case '}':
    case ',':
    case ':':
        return STREAM_BAD;
    default:
        s->state = STREAM_WORD;
        return STREAM_MORE;
    }
}

static enum stream_result
after_value(struct stream *s, unsigned char c)
{
    if (c == '}' || c == ']')
        return close_level(s, c == '}');
    if (c != ',')
        return STREAM_BAD;
    s->state = in_object(s) ? STREAM_NAME : STREAM_VALUE;
    return STREAM_MORE;
}

/* Handles a byte that is not white space, inside an array or object and outside
 * strings. */
static enum stream_result
structure(struct stream *s, unsigned char c)
{
    switch (s->state) {
    case STREAM_OPEN:
        if (c == '}' || c == ']')
            return close_level(s, c == '}');
        if (!in_object(s))
            return begin_value(s, c);
        break;
    case STREAM_NAME:
        break;
    case STREAM_VALUE:
        return begin_value(s, c);
    case STREAM_COLON:
        s->state = STREAM_VALUE;
        return c == ':' ? STREAM_MORE : STREAM_BAD;
    case STREAM_AFTER_VALUE:
        return after_value(s, c);
    case STREAM_START:
    case STREAM_WORD:
    case STREAM_LINE:
    case STREAM_STRING:
    case STREAM_ESCAPE:
        CHECK(false);
    }
    if (c != '"')
        return STREAM_BAD;
    begin_string(s, true);
    return STREAM_MORE;
}

static enum stream_result
in_string(struct stream *s, unsigned char c)
{
    if (s->state == STREAM_ESCAPE)
        s->state = STREAM_STRING;
    else if (c == '\\')
        s->state = STREAM_ESCAPE;
    else if (c == '"')
        s->state = s->is_name ? STREAM_COLON : STREAM_AFTER_VALUE;
    return c < 0x20 ? STREAM_BAD : STREAM_MORE;
}

static enum stream_result
step(struct stream *s, unsigned char c)
{
    switch (s->state) {
    case STREAM_STRING:
    case STREAM_ESCAPE:
        return in_string(s, c);
    case STREAM_LINE:
        return c == '\n' ? STREAM_END : STREAM_MORE;
    case STREAM_START:
        if (c == '{' || c == '[')
            return begin_value(s, c);
        s->state = STREAM_LINE;
        return STREAM_MORE;
    case STREAM_WORD:
        if (!is_blank(c) && c != ',' && c != ']' && c != '}' && c != '"' && c != '[' &&
            c != '{' && c != ':')
            return STREAM_MORE;
        s->state = STREAM_AFTER_VALUE;
        break;
    case STREAM_OPEN:
    case STREAM_VALUE:
    case STREAM_NAME:
    case STREAM_COLON:
    case STREAM_AFTER_VALUE:
        break;
    }
    return is_blank(c) ? STREAM_MORE : structure(s, c);
}

enum stream_result
stream_feed(struct stream *s, const char *p, size_t n, size_t *used)
{
    for (size_t i = 0; i < n; i++) {
        enum stream_result r;

        if (s->state == STREAM_STRING) /* most bytes are inside a string */
            while (i < n - 1 && p[i] != '"' && p[i] != '\\' &&
                   (unsigned char)p[i] >= 0x20)
                i++;
        r = step(s, (unsigned char)p[i]);
        if (r == STREAM_MORE)
            continue;
        budget_spend(i);
        *used = r == STREAM_END ? i + 1 : i;
        return r;
    }
    budget_spend(n);
    *used = n;
    return STREAM_MORE;
}
