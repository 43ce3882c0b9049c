/* Strings in JSON.  In a string without escapes, secrets are cut in place; otherwise the
 * decoded text is scanned, and written again if something was found. */
#include <string.h>

#include "base/ascii.h"
#include "base/jsonout.h"
#include "base/num.h"
#include "json/json.h"
#include "scrub/scrub_walk.h"

/* A name given as a value: anything longer is a text. */
#define NAME_MAX ((size_t)64)

/* In bytes that may all be escapes. */
#define ESCAPED_MAX (6 * NAME_MAX)

/* A shorter text cannot hold a secret: "pwd=x" has five bytes. */
#define SHORT 5U

size_t
scrub_pieces(struct scrub_scan *x, struct str text, struct buf *to)
{
    const char *copied = text.p;
    struct str cut;
    size_t n = 0;

    while (scrub_scan_next(x, &cut)) {
        buf_add(to, copied, (size_t)(cut.p - copied));
        buf_add_text(to, SCRUB_FILTERED);
        copied = cut.p + cut.n;
        n++;
    }
    if (n > 0)
        buf_add(to, copied, (size_t)(text.p + text.n - copied));
    return n;
}

/* A text that is refused later may contain half an escape. */
bool
scrub_can_decode(struct str inside)
{
    for (size_t i = 0; i < inside.n; i++) {
        if (inside.p[i] != '\\')
            continue;
        i++;
        if (i == inside.n)
            return false;
        for (size_t j = 1; inside.p[i] == 'u' && j <= 4; j++)
            if (inside.n - i <= j || num_hex_digit(inside.p[i + j]) < 0)
                return false;
    }
    return true;
}

/* Scans the decoded text of a string with escapes.  from: its opening quote. */
static bool
scan_decoded(struct scrub_walk *w, const char *from, struct str text,
             struct scrub_scan *x)
{
    struct buf *b = &w->s->spare;
    struct arena_mark mark = arena_mark(w->a);
    struct str decoded = text;
    size_t cuts;

    if (scrub_can_decode(text) && json_inside(w->a, text, &decoded, &w->ignored) != 0) {
        w->no_memory = true;
        return false;
    }
    scrub_scan_begin(x, x->names, decoded, x->mode, x->addresses);
    x->looked_at += 2 * text.n;
    buf_clear(b, LIMIT_KIB);
    cuts = scrub_pieces(x, decoded, b);
    if (cuts > 0) {
        scrub_replace(w, from, text.p + text.n + 1, STR(""));
        jsonout_string(&w->s->out, buf_str(b));
        w->no_memory = w->no_memory || b->failed;
    }
    arena_rewind(w->a, mark);
    return cuts > 0;
}

/* Scans a string.  Returns whether something was cut. */
bool
scrub_inside(struct scrub_walk *w, struct str text, bool escapes, struct scrub_scan *x)
{
    struct str cut;
    bool any = false;

    if (escapes)
        return scan_decoded(w, text.p - 1, text, x);
    while (scrub_scan_next(x, &cut)) {
        scrub_replace(w, cut.p, cut.p + cut.n, STR(SCRUB_FILTERED));
        any = true;
    }
    return any;
}

/* Returns whether a text can be a name; one with a removed part is not. */
static bool
is_name(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!ascii_is_word(text.p[i]) && !scrub_is_one_of(text.p[i], "-.[] $%"))
            return false;
    return !scrub_holds_filtered(text);
}

/* Returns whether a short string is the name of a secret, where such names occur. */
bool
scrub_names_secret(struct scrub_walk *w, struct str text, bool escapes)
{
    struct arena_mark mark = arena_mark(w->a);
    unsigned what = 0;

    if (text.n == 0 || text.n > (escapes ? ESCAPED_MAX : NAME_MAX))
        return false;
    if (escapes && scrub_can_decode(text) &&
        json_inside(w->a, text, &text, &w->ignored) != 0) {
        w->no_memory = true;
        return false;
    }
    w->result->looked_at += 2 * text.n;
    if (text.n <= NAME_MAX && is_name(text))
        what = scrub_keys_find(&w->s->keys, text, &w->result->looked_at).what;
    if (escapes)
        arena_rewind(w->a, mark);
    return (what & SCRUB_NAME_SECRET) != 0 &&
           (what & (SCRUB_KEY_SAFE | SCRUB_KEY_DIRTY)) == 0;
}

/* Handles a line of a private key that began in an earlier element. */
static bool
take_key_line(struct scrub_walk *w, struct str text)
{
    static const struct str ends = STR_INIT("-----END");
    const char *end = text.n == 0 ? NULL : memmem(text.p, text.n, ends.p, ends.n);
    struct str line = {text.p, end == NULL ? text.n : (size_t)(end - text.p)};

    if (end != NULL)
        scrub_top(w)->open_key = false;
    if (scrub_is_harmless(line))
        return false;
    scrub_replace(w, line.p, line.p + line.n, STR(SCRUB_FILTERED));
    return true;
}

static bool
scan_value_string(struct scrub_walk *w, const struct scrub_value *v, unsigned what)
{
    struct scrub_level *l = scrub_top(w);
    bool cookies = l->cookies || (what & SCRUB_NAME_COOKIES) != 0, any;
    struct scrub_scan x;

    scrub_scan_begin(&x, w->s->names, v->text, cookies ? SCRUB_COOKIE : l->mode,
                     w->s->addresses && (what & SCRUB_KEY_AGENT) == 0);
    x.first = v->first;
    any = scrub_inside(w, v->text, v->escapes, &x);
    w->result->looked_at += x.looked_at;
    l->open_key = x.open_key && !l->object;
    if ((what & SCRUB_KEY_MESSAGE) != 0 && x.blank_pair)
        l->secret_params = true;
    return any;
}

/* Returns whether no rule can begin in it, whatever its escapes encode. */
static bool
is_plain(const struct scrub_value *v)
{
    const char *end = v->text.p + v->text.n, *p = v->first;

    while (p < end) {
        if (*p != '\\' || p[1] == 'u')
            return false;
        p = scrub_scan_pass(p + 2, end);
    }
    return true;
}

bool
scrub_string(struct scrub_walk *w, const struct scrub_value *v, unsigned what)
{
    struct scrub_level *l = scrub_top(w);

    if (l->open_key)
        return take_key_line(w, v->text);
    if ((what & SCRUB_KEY_NAMES) != 0)
        l->secret_value = scrub_names_secret(w, v->text, v->escapes);
    if (!l->cookies && (what & SCRUB_NAME_COOKIES) == 0 &&
        (v->text.n < SHORT || is_plain(v)))
        return false;
    return scan_value_string(w, v, what);
}
