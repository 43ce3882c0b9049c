#include "event/envelope.h"

#include <string.h>

#include "base/budget.h"
#include "base/limits.h"
#include "base/num.h"
#include "json/json.h"
#include "json/scan.h"

/* An item with a larger count is not believed. */
#define COUNT_MAX 1000000

static const char byte_order_mark[] = "\xef\xbb\xbf";

static int
bad(struct error *e, const char *why)
{
    return error_set(e, ERROR_MALFORMED, "invalid event envelope: %s", why);
}

static const char *
header_name(const struct envelope *v)
{
    return v->has_header ? "invalid item header" : "invalid envelope header";
}

void
envelope_init(struct envelope *v, struct arena *arena, const struct envelope_sink *sink)
{
    *v = (struct envelope){.arena = arena, .sink = sink, .state = ENVELOPE_BLANK};
    v->line = buf_init(LIMIT_ENVELOPE_HEADER_BYTES);
}

void
envelope_release(struct envelope *v)
{
    buf_release(&v->line);
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Reads the envelope's own header from object. */
static int
read_own(struct envelope *v, struct str object, struct error *e)
{
    static const struct str names[] = {STR_INIT("event_id"), STR_INIT("dsn"),
                                       STR_INIT("sent_at")};
    struct str values[COUNT_OF(names)], id;
    struct envelope_header h = {.has_id = false};

    if (json_pick(v->arena, object, names, COUNT_OF(names), values, e) != 0 ||
        json_scalar(v->arena, values[0], &id, e) != 0 ||
        json_scalar(v->arena, values[1], &h.dsn, e) != 0 ||
        json_scalar(v->arena, values[2], &h.sent_at, e) != 0)
        return -1;
    /* An invalid one is ignored: an odd event is stored nevertheless. */
    h.has_id = id.p != NULL && ids_parse_event(id, &h.id) == 0;
    v->has_header = true;
    return v->sink->header(v->sink->context, &h, e);
}

/* length is a number without sign, fraction and exponent, or null. */
static int
read_length(struct envelope *v, struct str value, struct error *e)
{
    int64_t n;

    if (value.p == NULL)
        return 0;
    if (num_parse(value, 0, INT64_MAX / 2, &n) != 0)
        return bad(e, "invalid item header: length");
    v->item.has_length = true;
    v->item.length = (size_t)n;
    return 0;
}

static int
read_item(struct envelope *v, struct str object, struct error *e)
{
    static const struct str names[] = {
        STR_INIT("type"),         STR_INIT("length"),          STR_INIT("filename"),
        STR_INIT("content_type"), STR_INIT("attachment_type"), STR_INIT("item_count")};
    struct str values[COUNT_OF(names)];
    struct envelope_item *item = &v->item;
    int64_t count;

    *item = (struct envelope_item){.count = 1};
    if (json_pick(v->arena, object, names, COUNT_OF(names), values, e) != 0)
        return -1;
    if (values[0].p == NULL || scan_type(values[0]) != SCAN_STRING)
        return bad(e, "invalid item header: type");
    if (read_length(v, values[1], e) != 0 ||
        json_scalar(v->arena, values[0], &item->type, e) != 0 ||
        json_scalar(v->arena, values[2], &item->filename, e) != 0 ||
        json_scalar(v->arena, values[3], &item->content_type, e) != 0 ||
        json_scalar(v->arena, values[4], &item->attachment_type, e) != 0)
        return -1;
    if (values[5].p != NULL && num_parse(values[5], 1, COUNT_MAX, &count) == 0)
        item->count = (size_t)count;
    return v->sink->item(v->sink->context, item, e);
}

/* Handles the current header, which is complete. */
static int
read_header(struct envelope *v, struct error *e)
{
    struct str text, object;
    struct error why;

    /* Decoded texts point into it, and the next header overwrites it. */
    if (arena_copy(v->arena, buf_str(&v->line), &text) != 0)
        return error_no_memory(e);
    buf_clear(&v->line, LIMIT_ENVELOPE_HEADER_BYTES);
    if (scan_value(text, LIMIT_JSON_DEPTH, &object, &why) != 0)
        return bad(e, header_name(v));
    v->state = ENVELOPE_NEWLINE;
    return v->has_header ? read_item(v, object, e) : read_own(v, object, e);
}

/* Begins the payload of the current item, or waits for the first item. */
static void
behind_header(struct envelope *v)
{
    v->left = v->item.length;
    v->last = '\0';
    if (v->item.type.p == NULL)
        v->state = ENVELOPE_BLANK;
    else
        v->state = v->item.has_length ? ENVELOPE_COUNTED : ENVELOPE_LINE;
}

static int
end_item(struct envelope *v, enum envelope_state next, struct error *e)
{
    v->state = next;
    v->item = (struct envelope_item){.count = 0};
    return v->sink->end(v->sink->context, e);
}

/* Consumes bytes of a header up to its closing brace. */
static int
take_header(struct envelope *v, const char **p, const char *end, struct error *e)
{
    const char *begin = *p, *at = *p;

    for (; at < end; at++) {
        if (v->escaped)
            v->escaped = false;
        else if (v->in_string && *at == '\\')
            v->escaped = true;
        else if (*at == '"')
            v->in_string = !v->in_string;
        else if (!v->in_string && (*at == '{' || *at == '['))
            v->depth++;
        else if (!v->in_string && (*at == '}' || *at == ']') && --v->depth == 0)
            break;
    }
    *p = at < end ? at + 1 : at;
    buf_add(&v->line, begin, (size_t)(*p - begin));
    v->header_bytes += (size_t)(*p - begin);
    if (v->line.failed)
        return error_set(e, ERROR_TOO_LARGE, "header too large: limit is %zu bytes",
                         v->line.max);
    if (v->header_bytes > LIMIT_ENVELOPE_HEADERS_BYTES)
        return error_set(e, ERROR_TOO_LARGE, "headers too large: limit is %zu bytes",
                         LIMIT_ENVELOPE_HEADERS_BYTES);
    return at < end ? read_header(v, e) : 0;
}

static int
take_blank(struct envelope *v, const char **p, const char *end, struct error *e)
{
    for (; *p < end && is_blank(**p); ++*p)
        ;
    if (*p == end)
        return 0;
    if (**p != '{')
        return bad(e, header_name(v));
    v->depth = 0;
    v->state = ENVELOPE_HEADER;
    return 0;
}

static int
take_counted(struct envelope *v, const char **p, const char *end, struct error *e)
{
    size_t n = (size_t)(end - *p);

    if (n > v->left)
        n = v->left;
    if (n > 0 && v->sink->bytes(v->sink->context, *p, n, e) != 0)
        return -1;
    if (n > 0)
        v->last = (*p)[n - 1];
    *p += n;
    v->left -= n;
    return v->left > 0 ? 0 : end_item(v, ENVELOPE_BEHIND, e);
}

static int
take_line(struct envelope *v, const char **p, const char *end, struct error *e)
{
    const char *stop = memchr(*p, '\n', (size_t)(end - *p));
    size_t n = (size_t)((stop == NULL ? end : stop) - *p);

    if (n > 0 && v->sink->bytes(v->sink->context, *p, n, e) != 0)
        return -1;
    *p += n;
    if (stop == NULL)
        return 0;
    ++*p;
    return end_item(v, ENVELOPE_BLANK, e);
}

/* One step; consumes at least one byte or changes the state. */
static int
step(struct envelope *v, const char **p, const char *end, struct error *e)
{
    switch (v->state) {
    case ENVELOPE_BLANK:
        return take_blank(v, p, end, e);
    case ENVELOPE_HEADER:
        return take_header(v, p, end, e);
    case ENVELOPE_NEWLINE:
    case ENVELOPE_CR:
    case ENVELOPE_BEHIND:
        break;
    case ENVELOPE_COUNTED:
        return take_counted(v, p, end, e);
    case ENVELOPE_LINE:
        return take_line(v, p, end, e);
    }
    if (v->state == ENVELOPE_BEHIND && **p == '{' && v->last == '\n') {
        v->state = ENVELOPE_BLANK;
        return 0;
    }
    if (v->state == ENVELOPE_NEWLINE && **p == '\r')
        v->state = ENVELOPE_CR;
    else if (**p != '\n')
        return bad(e, "missing newline after header or payload");
    else if (v->state == ENVELOPE_BEHIND)
        v->state = ENVELOPE_BLANK;
    else
        behind_header(v);
    ++*p;
    return 0;
}

/* Skips a byte order mark, of which only the first bytes may have arrived. */
static int
take_mark(struct envelope *v, const char **p, const char *end, struct error *e)
{
    while (*p < end && v->mark < 3 && v->state == ENVELOPE_BLANK && !v->has_header &&
           **p == byte_order_mark[v->mark]) {
        ++*p;
        v->mark++;
    }
    if (*p < end && v->mark > 0 && v->mark < 3)
        return bad(e, header_name(v));
    if (*p < end)
        v->mark = 3;
    return 0;
}

int
envelope_feed(struct envelope *v, const char *p, size_t n, struct error *e)
{
    const char *end = p + n;

    budget_spend(n);
    if (v->mark < 3 && take_mark(v, &p, end, e) != 0)
        return -1;
    while (p < end)
        if (step(v, &p, end, e) != 0)
            return -1;
    /* An empty payload is complete at once. */
    if (v->state == ENVELOPE_COUNTED && v->left == 0)
        return end_item(v, ENVELOPE_BEHIND, e);
    return 0;
}

int
envelope_finish(struct envelope *v, struct error *e)
{
    switch (v->state) {
    case ENVELOPE_BLANK:
        return v->has_header ? 0 : bad(e, "missing envelope header");
    case ENVELOPE_HEADER:
        return bad(e, v->has_header ? "unexpected end of file" : header_name(v));
    case ENVELOPE_NEWLINE:
    case ENVELOPE_CR:
        if (v->item.type.p == NULL)
            return 0;
        /* An item header at the very end: an empty payload, if that is allowed. */
        if (v->item.has_length && v->item.length > 0)
            break;
        return end_item(v, ENVELOPE_BLANK, e);
    case ENVELOPE_COUNTED:
        break;
    case ENVELOPE_LINE:
        return end_item(v, ENVELOPE_BLANK, e);
    case ENVELOPE_BEHIND:
        return 0;
    }
    return bad(e, "unexpected end of file");
}
