#include "json/splitter.h"

#include <string.h>

#include "json/scan.h"

#define READ_BYTES ((size_t)65536)
#define KEEP_BYTES 65536U

void
splitter_init(struct splitter *s, size_t limit)
{
    *s = (struct splitter){.in = buf_init(limit + 4 * READ_BYTES), .limit = limit};
    stream_begin(&s->stream);
}

void
splitter_release(struct splitter *s)
{
    buf_release(&s->in);
}

/* The bytes that were not returned yet. */
static struct str
pending(const struct splitter *s)
{
    struct str all = buf_str(&s->in);

    return (struct str){all.p + s->taken, all.n - s->taken};
}

int
splitter_add(struct splitter *s, const char *p, size_t n)
{
    if (s->taken > 0) {
        buf_drop(&s->in, s->taken);
        s->taken = 0;
        if (s->in.n == 0)
            buf_clear(&s->in, KEEP_BYTES);
    }
    buf_add(&s->in, p, n);
    return s->in.failed ? -1 : 0;
}

/* Drops n pending bytes; a value begins after them. */
static void
drop(struct splitter *s, size_t n)
{
    s->taken += n;
    s->scanned = 0;
}

static bool
begins_value(char c)
{
    return c == '{' || c == '[';
}

/* Goes to the first line of the pending bytes, after byte `from`, that begins with a
 * bracket; without one, drops all and stays lost. */
static void
find_line(struct splitter *s, size_t from)
{
    struct str left = pending(s);

    stream_begin(&s->stream);
    s->skipping = false;
    for (size_t i = from; i < left.n; i++) {
        bool begins = i == 0 ? s->at_line : left.p[i - 1] == '\n';

        if (begins && begins_value(left.p[i])) {
            s->lost = false;
            drop(s, i);
            return;
        }
    }
    s->at_line = left.n == 0 ? s->at_line : left.p[left.n - 1] == '\n';
    s->lost = true;
    drop(s, left.n);
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Skips white space and byte order marks before a message.  Returns false when it takes
 * more bytes to know whether there is a mark. */
static bool
skip_blank(struct splitter *s)
{
    const struct str mark = STR("\xef\xbb\xbf");
    struct str left = pending(s);

    for (;;) {
        size_t n = 0;

        while (n < left.n && is_blank(left.p[n]))
            n++;
        left = (struct str){left.p + n, left.n - n};
        if (!str_starts(left, mark))
            break;
        left = (struct str){left.p + mark.n, left.n - mark.n};
    }
    drop(s, pending(s).n - left.n);
    return left.n == 0 || !str_starts(mark, left);
}

/* The reason comes from scan_value(), which knows them all.  Bytes that are read again
 * for a new start are counted: beyond the limit of one message, reading resumes after the
 * bad byte instead.  Otherwise a hostile message could make each of its lines a start and
 * cost its length squared. */
static enum splitter_result
bad(struct splitter *s, size_t used, struct error *e)
{
    struct str left = pending(s), value;
    size_t before = s->taken, end = used < left.n ? used + 1 : used;

    if (scan_value((struct str){left.p, end}, SCAN_DEPTH_MAX, &value, e) == 0)
        error_set(e, ERROR_MALFORMED, "invalid JSON at byte %zu", end - 1);
    find_line(s, s->rescanned < s->limit ? 1 : end);
    if (before + end > s->taken)
        s->rescanned += before + end - s->taken;
    return SPLITTER_BAD;
}

/* Inside a message over the limit: it is not kept, and not reported again. */
static void
skip_on(struct splitter *s)
{
    struct str left = pending(s);
    size_t used;

    switch (stream_feed(&s->stream, left.p, left.n, &used)) {
    case STREAM_MORE:
        s->at_line = left.n > 0 && left.p[left.n - 1] == '\n';
        drop(s, left.n);
        break;
    case STREAM_END:
        s->skipping = false;
        drop(s, used);
        stream_begin(&s->stream);
        break;
    case STREAM_BAD:
        find_line(s, used);
    }
}

static enum splitter_result
too_large(struct splitter *s, struct error *e)
{
    struct str left = pending(s);

    s->skipping = true;
    s->at_line = left.n > 0 && left.p[left.n - 1] == '\n';
    drop(s, left.n);
    error_set(e, ERROR_TOO_LARGE, "payload too large: limit is %zu bytes", s->limit);
    return SPLITTER_BAD;
}

enum splitter_result
splitter_next(struct splitter *s, struct str *message, struct error *e)
{
    struct str left;
    size_t used;

    if (s->lost)
        find_line(s, 0);
    while (s->skipping && pending(s).n > 0)
        skip_on(s);
    if (s->lost || s->skipping)
        return SPLITTER_MORE;
    if (s->scanned == 0 && !skip_blank(s))
        return SPLITTER_MORE;
    left = pending(s);
    switch (stream_feed(&s->stream, left.p + s->scanned, left.n - s->scanned, &used)) {
    case STREAM_MORE:
        s->scanned = left.n;
        return left.n > s->limit ? too_large(s, e) : SPLITTER_MORE;
    case STREAM_BAD:
        return bad(s, s->scanned + used, e);
    case STREAM_END:
        break;
    }
    *message = (struct str){left.p, s->scanned + used};
    drop(s, message->n);
    stream_begin(&s->stream);
    s->rescanned = 0;
    if (message->n <= s->limit)
        return SPLITTER_MESSAGE;
    error_set(e, ERROR_TOO_LARGE, "payload too large: limit is %zu bytes", s->limit);
    return SPLITTER_BAD;
}

bool
splitter_is_open(const struct splitter *s)
{
    return !s->lost && (s->skipping || pending(s).n > 0);
}

void
splitter_give_up(struct splitter *s, struct error *e)
{
    struct str left = pending(s), value;

    if (s->skipping || scan_value(left, SCAN_DEPTH_MAX, &value, e) == 0)
        error_set(e, ERROR_MALFORMED, "invalid JSON at byte %zu: unexpected end", left.n);
    s->at_line = false;
    find_line(s, s->rescanned < s->limit ? 1 : left.n);
    s->rescanned += pending(s).n;
}
