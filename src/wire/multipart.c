/* A part's body is searched for the needle: CR LF and the boundary.  Its first byte, CR,
 * occurs only once in it, so after a partial match the matched bytes go to the sink and
 * the search continues after them. */
#include "wire/multipart.h"

#include <string.h>

#include "base/budget.h"

/* Returns the text after the first sep; absent when there is none. */
static struct str
behind(struct str s, char sep)
{
    struct str before = str_cut(&s, sep);

    return before.p == NULL ? before : s;
}

/* Returns a parameter of a header value, without its quotes; absent when missing. */
static struct str
parameter(struct str value, struct str name)
{
    value = behind(value, ';');
    while (value.p != NULL) {
        struct str rest = value, found;

        value = STR_NONE;
        found = str_trim(str_cut(&rest, '='));
        rest = str_trim(rest);
        if (rest.n > 0 && rest.p[0] == '"') {
            struct str inside = {rest.p + 1, rest.n - 1};

            rest = str_cut(&inside, '"');
            value = behind(inside, ';');
        } else if (rest.p != NULL) {
            value = rest;
            rest = str_trim(str_cut(&value, ';'));
        }
        if (str_eq_nocase(found, name))
            return rest;
    }
    return STR_NONE;
}

int
multipart_init(struct multipart *m, struct str content_type,
               const struct multipart_sink *sink)
{
    struct str rest = content_type, type = str_trim(str_cut(&rest, ';'));

    if (!str_eq_nocase(type, STR("multipart/form-data")))
        return -1;
    return multipart_init_boundary(m, parameter(content_type, STR("boundary")), sink);
}

int
multipart_init_boundary(struct multipart *m, struct str boundary,
                        const struct multipart_sink *sink)
{
    if (boundary.n == 0 || boundary.n > MULTIPART_BOUNDARY_MAX)
        return -1;
    m->sink = sink;
    m->state = MULTIPART_PREAMBLE;
    (void)memcpy(m->needle, "\r\n--", 4);
    (void)memcpy(m->needle + 4, boundary.p, boundary.n);
    m->needle_bytes = boundary.n + 4;
    m->matched = m->assumed = 2; /* as if a line had ended before the first byte */
    m->head_bytes = 0;
    return 0;
}

static int
bad(struct error *e, const char *why)
{
    return error_set(e, ERROR_MALFORMED, "invalid multipart body: %s", why);
}

static int
give(struct multipart *m, const char *p, size_t n, struct error *e)
{
    if (m->state != MULTIPART_BODY || n == 0)
        return 0;
    return m->sink->bytes(m->sink->context, p, n, e);
}

/* Searches p up to end for the needle; passes on the bytes before it. */
static int
search(struct multipart *m, const char **p, const char *end, struct error *e)
{
    while (*p < end) {
        const char *stop;

        if (m->matched > 0 && **p == m->needle[m->matched]) {
            ++*p;
            if (++m->matched < m->needle_bytes)
                continue;
            m->matched = m->assumed = 0;
            if (m->state == MULTIPART_BODY && m->sink->end(m->sink->context, e) != 0)
                return -1;
            m->state = MULTIPART_BOUNDARY;
            m->head_bytes = 0;
            return 0;
        }
        if (m->matched > 0 &&
            give(m, m->needle + m->assumed, m->matched - m->assumed, e) != 0)
            return -1;
        m->matched = m->assumed = 0;
        stop = memchr(*p, '\r', (size_t)(end - *p));
        if (give(m, *p, (size_t)((stop == NULL ? end : stop) - *p), e) != 0)
            return -1;
        *p = stop == NULL ? end : stop + 1;
        m->matched = stop == NULL ? 0 : 1;
    }
    return 0;
}

/* Returns the value of a header in a part's header block. */
static struct str
header(const struct multipart *m, struct str name)
{
    struct str lines = {m->head, m->head_bytes};

    while (lines.p != NULL) {
        struct str value = str_cut(&lines, '\n'), found = str_cut(&value, ':');

        if (value.n > 0 && value.p[value.n - 1] == '\r')
            value.n--;
        if (str_eq_nocase(str_trim(found), name))
            return str_trim(value);
    }
    return STR_NONE;
}

static int
begin_part(struct multipart *m, struct error *e)
{
    struct str disposition = header(m, STR("Content-Disposition"));
    const struct multipart_part part = {.name = parameter(disposition, STR("name")),
                                        .filename =
                                            parameter(disposition, STR("filename")),
                                        .content_type = header(m, STR("Content-Type"))};

    m->state = MULTIPART_BODY;
    m->matched = m->assumed = 2; /* the boundary follows an empty body at once */
    return m->sink->part(m->sink->context, &part, e);
}

/* Returns whether the header block is complete: it ends in an empty line, or is one. */
static bool
is_whole(const struct multipart *m)
{
    size_t n = m->head_bytes;

    return n >= 4 ? memcmp(m->head + n - 4, "\r\n\r\n", 4) == 0
                  : n == 2 && memcmp(m->head, "\r\n", 2) == 0;
}

/* Handles one byte of a boundary's line or of a header block. */
static int
take_byte(struct multipart *m, char c, struct error *e)
{
    if (m->head_bytes == sizeof m->head)
        return bad(e, "the headers of a part are too long");
    m->head[m->head_bytes++] = c;
    if (m->state == MULTIPART_HEAD)
        return is_whole(m) ? begin_part(m, e) : 0;
    if (m->head_bytes == 2 && memcmp(m->head, "--", 2) == 0) {
        m->state = MULTIPART_DONE;
        return 0;
    }
    if (c == '\n') {
        m->state = MULTIPART_HEAD;
        m->head_bytes = 0;
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '-') {
        return bad(e, "data after a boundary");
    }
    return 0;
}

int
multipart_feed(struct multipart *m, const char *p, size_t n, struct error *e)
{
    const char *end = p + n;

    budget_spend(n);
    while (p < end && m->state != MULTIPART_DONE) {
        int rc = m->state == MULTIPART_PREAMBLE || m->state == MULTIPART_BODY
                     ? search(m, &p, end, e)
                     : take_byte(m, *p++, e);

        if (rc != 0)
            return -1;
    }
    return 0;
}

int
multipart_finish(const struct multipart *m, struct error *e)
{
    return m->state == MULTIPART_DONE ? 0 : bad(e, "the last boundary is missing");
}
