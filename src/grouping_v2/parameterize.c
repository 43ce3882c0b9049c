#include "grouping_v2/parameterize.h"

#include <string.h>

#include "base/budget.h"
#include "base/buf.h"
#include "base/limits.h"
#include "grouping_v2/pattern.h"

/* The largest growth of one character: a text of n bytes yields at most this many times
 * n, and the dots. */
#define GROWTH 8U

static bool
is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Takes the next line that is not blank off *rest; absent when there is none. */
static struct str
next_line(struct str *rest)
{
    while (rest->n > 0) {
        struct str line = {rest->p, 0};
        bool blank = true;

        while (line.n < rest->n && !is_line_end(line.p[line.n])) {
            blank = blank && ascii_is_blank(line.p[line.n]);
            line.n++;
        }
        rest->p += line.n;
        rest->n -= line.n;
        if (rest->n > 0) {
            rest->p++;
            rest->n--;
        }
        if (!blank)
            return line;
    }
    return STR_NONE;
}

static void
enter(struct parameterize *s, struct str line)
{
    s->line = line;
    s->begin = line.p;
    s->no_email = s->no_host = line.p;
    s->no_quote = s->no_double_quote = false;
}

void
v2_parameterize_begin(struct parameterize *s, struct str text)
{
    struct str rest = text, first;
    size_t kept;

    *s = (struct parameterize){.more = STR_NONE};
    first = next_line(&rest);
    if (first.p != NULL)
        s->more = next_line(&rest);
    /* A line end other than "\n" counts as a change, too. */
    kept = first.n + (s->more.p == NULL ? 0 : 1 + s->more.n);
    s->was_cut = kept != text.n || (s->more.p != NULL && text.p[first.n] != '\n');
    enter(s, first);
}

/* In "='text'", the quotes are replaced along with the text between them. */
static size_t
quoted(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s), *close;
    bool *none;

    if (end - p < 3 || p[0] != '=' || (p[1] != '\'' && p[1] != '"'))
        return 0;
    none = p[1] == '"' ? &s->no_double_quote : &s->no_quote;
    if (*none)
        return 0;
    close = memchr(p + 2, p[1], (size_t)(end - p) - 2);
    s->looked_at += (size_t)((close == NULL ? end : close) - p);
    *none = close == NULL;
    return close == NULL ? 0 : (size_t)(close - p) + 1;
}

static size_t
boolean(struct parameterize *s, const char *p)
{
    static const struct str words[] = {STR_INIT("=true"), STR_INIT("=True"),
                                       STR_INIT("=false"), STR_INIT("=False")};
    struct str rest = {p, (size_t)(v2_pattern_end(s) - p)};

    if (p[0] != '=')
        return 0;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_starts(rest, words[i]) && v2_pattern_edge(s, p + words[i].n))
            return words[i].n;
    return 0;
}

/* Tried in this order at each position. */
static const struct {
    pattern *length;
    struct str word;
    bool inside; /* may begin within a word */
} patterns[] = {
    {v2_pattern_email, STR_INIT("<email>"), true},
    {v2_pattern_url, STR_INIT("<url>"), false},
    {v2_pattern_path, STR_INIT("<path>"), false},
    {v2_pattern_host, STR_INIT("<hostname>"), false},
    {v2_pattern_ip, STR_INIT("<ip>"), false},
    {v2_pattern_trace, STR_INIT("<traceparent>"), false},
    {v2_pattern_uuid, STR_INIT("<uuid>"), false},
    {v2_pattern_sha1, STR_INIT("<sha1>"), false},
    {v2_pattern_md5, STR_INIT("<md5>"), false},
    {v2_pattern_date, STR_INIT("<date>"), false},
    {v2_pattern_duration, STR_INIT("<duration>"), false},
    {v2_pattern_hex, STR_INIT("<hex>"), false},
    {v2_pattern_git_sha, STR_INIT("<git_sha>"), false},
    {v2_pattern_float, STR_INIT("<float>"), false},
    {v2_pattern_int, STR_INIT("<int>"), false},
    {quoted, STR_INIT("=<quoted_str>"), true},
    {boolean, STR_INIT("=<bool>"), true},
};

/* Returns the length of the text to replace at p, and its replacement. */
static size_t
match(struct parameterize *s, const char *p, struct str *word)
{
    bool inside = ascii_is_word(*p) && !v2_pattern_start(s, p);

    s->looked_at++;
    if (*p == ' ')
        return 0;
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        size_t n = inside && !patterns[i].inside ? 0 : patterns[i].length(s, p);

        if (n > 0) {
            *word = patterns[i].word;
            return n;
        }
    }
    return 0;
}

static bool
next_in_line(struct parameterize *s, struct str *piece)
{
    const char *p = s->line.p, *end = v2_pattern_end(s);

    while (p < end && budget_left()) {
        size_t before = s->looked_at, n = match(s, p, &s->word);

        budget_spend((size_t)(s->looked_at - before));

        if (n > 0) {
            *piece = (struct str){s->line.p, (size_t)(p - s->line.p)};
            s->line = (struct str){p + n, (size_t)(end - p) - n};
            if (piece->n == 0) {
                *piece = s->word;
                s->word = STR_NONE;
            }
            return true;
        }
        p++;
    }
    *piece = s->line;
    s->line.n = 0;
    return piece->n > 0;
}

bool
v2_parameterize_next(struct parameterize *s, struct str *piece)
{
    if (s->word.p != NULL) {
        *piece = s->word;
        s->word = STR_NONE;
        return true;
    }
    if (s->line.n > 0)
        return next_in_line(s, piece);
    if (s->more.p != NULL) {
        *piece = STR("\n");
        enter(s, s->more);
        s->more = STR_NONE;
        return true;
    }
    *piece = STR("...");
    return s->was_cut ? !(s->was_cut = false) : false;
}

int
v2_parameterize_text(struct arena *a, struct str text, struct str *out, struct error *e)
{
    struct buf b = buf_init(GROWTH * text.n + 3);
    struct parameterize s;
    struct str piece;
    int rc = 0;

    v2_parameterize_begin(&s, text);
    while (v2_parameterize_next(&s, &piece))
        buf_add_str(&b, piece);
    if (b.failed || arena_copy(a, buf_str(&b), out) != 0)
        rc = error_no_memory(e);
    buf_release(&b);
    return rc;
}
