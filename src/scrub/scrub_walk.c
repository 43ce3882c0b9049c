/* Nothing is copied until the first replacement: `copied` is the end of the text that is
 * in s->out.  Looking ahead (is this a pair?)  covers one string or number, so that each
 * byte is examined only a few times however deep the nesting is. */
#include "scrub/scrub_walk.h"

#include <string.h>

#include "base/ascii.h"
#include "base/jsonout.h"
#include "base/num.h"
#include "base/utf8.h"
#include "json/json.h"

#define PATH_MAX_BYTES ((size_t)4 * LIMIT_NOTE_CHARS)

static bool
is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *
skip_blank(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

static void
add_path(const struct scrub_walk *w, struct buf *b)
{
    for (size_t i = 1; i <= w->depth && b->n < PATH_MAX_BYTES; i++) {
        const struct scrub_level *l = &w->s->level[i];

        if (b->n > 0)
            buf_add_char(b, '.');
        if (l->object)
            buf_add_str(b, utf8_head(l->name, LIMIT_NOTE_CHARS));
        else
            buf_add_f(b, "%zu", l->index);
    }
}

/* Records a replacement in the current value or name. */
static void
note(struct scrub_walk *w)
{
    struct scrub_result *r = w->result;
    struct buf *b = &w->s->spare;
    struct str path;

    r->removed++;
    if (r->paths == LIMIT_SCRUB_PATHS)
        return;
    buf_clear(b, LIMIT_KIB);
    add_path(w, b);
    path = buf_str(b);
    if (b->failed || path.n == 0 || !utf8_valid(path, NULL))
        return;
    path = utf8_head(path, LIMIT_NOTE_CHARS);
    if (arena_copy(w->a, path, &r->path[r->paths]) != 0)
        w->no_memory = true;
    else
        r->paths++;
}

/* Replaces the bytes between from and to with text. */
void
scrub_replace(struct scrub_walk *w, const char *from, const char *to, struct str text)
{
    buf_add(&w->s->out, w->copied, (size_t)(from - w->copied));
    buf_add_str(&w->s->out, text);
    w->copied = to;
}

static const char *
scalar_end(const char *p, const char *end)
{
    while (p < end && *p != ',' && *p != ']' && *p != '}' && *p != '"' && *p != ':' &&
           !is_blank(*p))
        p++;
    return p;
}

/* Returns the end of the value at p. */
static const char *
value_end(const char *p, const char *end)
{
    bool ignored = false;
    const char *to;

    if (*p == '"')
        return scan_string_end(p + 1, end, &ignored);
    if (*p == '{' || *p == '[')
        return scan_level_end(p, end);
    to = scalar_end(p, end);
    return to == p ? to + 1 : to;
}

/* Replaces the current value as a whole, unless it is harmless. */
static void
filter(struct scrub_walk *w)
{
    const char *from = w->p, *end = value_end(w->p, w->end);
    struct str inside = {from, (size_t)(end - from)};
    bool container = *from == '{' || *from == '[';

    w->result->looked_at += inside.n;
    w->p = end;
    if (*from == '"' || container)
        inside =
            inside.n < 2 ? (struct str){from, 0} : (struct str){from + 1, inside.n - 2};
    if (container ? scan_blank(inside) : scrub_is_harmless(inside))
        return;
    scrub_replace(w, from, end, STR("\"" SCRUB_FILTERED "\""));
    note(w);
}

/* Returns whether the element at p, after the first, is the second and last of a pair. */
static bool
is_pair(struct scrub_walk *w, const char *p)
{
    const char *end;

    p = skip_blank(p, w->end);
    if (p == w->end || *p != ',')
        return false;
    p = skip_blank(p + 1, w->end);
    if (p == w->end || *p == '{' || *p == '[')
        return p < w->end;
    end = value_end(p, w->end);
    w->result->looked_at += (size_t)(end - p);
    p = skip_blank(end, w->end);
    return p == w->end || *p == ']';
}

/* Records the meaning of an array element for the next one: ["password", …],
 * ["--password", …]. */
static void
learn_element(struct scrub_walk *w, struct str text, bool escapes)
{
    struct scrub_level *l = scrub_top(w);
    bool argument = text.n > 2 && text.p[0] == '-' && text.p[1] == '-' &&
                    text.p[2] != '-' && memchr(text.p, ' ', text.n) == NULL;

    if ((l->index > 0 && !argument) || !scrub_names_secret(w, text, escapes))
        return;
    if (argument ? memchr(text.p, '=', text.n) == NULL : is_pair(w, w->p))
        l->what = SCRUB_NAME_SECRET;
}

/* Returns whether it is the name of a cookie in [["name", "value"], …], which stays. */
static bool
is_cookie_name(const struct scrub_walk *w)
{
    const struct scrub_level *l = scrub_top(w);

    return l->cookies && !l->object && l->index == 0 && w->depth > 1 &&
           w->s->level[w->depth - 1].cookies;
}

static void
take_string(struct scrub_walk *w, unsigned what)
{
    const struct scrub_level *l = scrub_top(w);
    const char *from = w->p + 1, *end;
    struct scrub_value v = {STR_NONE, scrub_scan_pass(from, w->end), false};

    if (l->cookies && l->object) {
        filter(w);
        return;
    }
    end = v.first < w->end && *v.first == '"'
              ? v.first + 1
              : scan_string_end(v.first, w->end, &v.escapes);
    w->p = end;
    /* A string without its closing quote is in a text that will not be stored. */
    if (end == from || end[-1] != '"' || is_cookie_name(w))
        return;
    v.text = (struct str){from, (size_t)(end - from) - 1};
    if (scrub_string(w, &v, what))
        note(w);
    if (!l->object && w->depth > 0)
        learn_element(w, v.text, v.escapes);
}

static void
take_scalar(struct scrub_walk *w, unsigned what)
{
    const char *end = scalar_end(w->p, w->end);
    struct str number = {w->p, (size_t)(end - w->p)};

    if (scrub_top(w)->cookies || (what & SCRUB_NAME_COOKIES) != 0 ||
        (number.n >= 14 && scrub_is_card(number)))
        filter(w);
    else
        w->p = end == w->p ? end + 1 : end;
}

static void
open_level(struct scrub_walk *w, unsigned what)
{
    const struct scrub_level *l = scrub_top(w);
    struct scrub_level *inner = &w->s->level[w->depth + 1];

    if (w->depth == SCAN_DEPTH_MAX) {
        w->p = w->end; /* not a text of ours */
        return;
    }
    *inner = (struct scrub_level){.object = *w->p == '{'};
    inner->mode = inner->object ? SCRUB_TEXT : l->mode;
    inner->cookies = l->cookies || (what & SCRUB_NAME_COOKIES) != 0;
    inner->modules = l->modules || ((what & SCRUB_KEY_MODULES) != 0 && w->depth == 1);
    w->depth++;
    w->p++;
}

static bool
is_secret(const struct scrub_walk *w, unsigned what)
{
    const struct scrub_level *l = scrub_top(w);

    if ((what & SCRUB_KEY_VALUE) != 0 && l->secret_value)
        return true;
    if ((what & SCRUB_KEY_PARAMS) != 0 && l->secret_params)
        return true;
    if ((what & SCRUB_NAME_ADDRESS) != 0 && w->s->addresses)
        return true;
    if ((what & SCRUB_NAME_SECRET) == 0 || (what & SCRUB_NAME_COOKIES) != 0)
        return false;
    return (what & SCRUB_NAME_COUNTS) == 0 || !(ascii_is_digit(*w->p) || *w->p == '-');
}

static void
take_value(struct scrub_walk *w)
{
    struct scrub_level *l = scrub_top(w);
    unsigned what = l->modules ? 0 : l->what;

    l->what = 0;
    if ((what & SCRUB_KEY_SAFE) != 0)
        w->p = value_end(w->p, w->end);
    else if (is_secret(w, what))
        filter(w);
    else if (*w->p == '"')
        take_string(w, what);
    else if (*w->p == '{' || *w->p == '[')
        open_level(w, what);
    else
        take_scalar(w, what);
}

/* Handles a name that itself contains a secret. */
static void
clean_name(struct scrub_walk *w, struct str name, bool escapes)
{
    struct scrub_scan x;

    scrub_top(w)->name = STR(SCRUB_FILTERED);
    scrub_scan_begin(&x, w->s->names, name, SCRUB_TEXT, false);
    if (scrub_inside(w, name, escapes, &x))
        note(w);
    w->result->looked_at += x.looked_at;
}

static void
take_name(struct scrub_walk *w)
{
    struct scrub_level *l = scrub_top(w);
    bool escapes = false;
    const char *from = w->p + 1, *end = scan_string_end(from, w->end, &escapes);
    struct str inside = {from, (size_t)(end - from)};
    struct scrub_key key;

    w->p = end;
    if (end == from || end[-1] != '"')
        return;
    inside.n--;
    l->name = inside;
    if (escapes && scrub_can_decode(inside) &&
        json_inside(w->a, inside, &l->name, &w->ignored) != 0) {
        w->no_memory = true;
        return;
    }
    key = scrub_keys_find(&w->s->keys, l->name, &w->result->looked_at);
    l->what = key.what;
    l->mode = key.mode;
    l->named = true;
    if ((key.what & SCRUB_KEY_DIRTY) != 0)
        clean_name(w, inside, escapes);
}

static void
step(struct scrub_walk *w)
{
    struct scrub_level *l = scrub_top(w);

    switch (*w->p) {
    case ' ':
    case '\n':
    case '\r':
    case '\t':
    case ':':
        w->p = skip_blank(w->p + 1, w->end);
        return;
    case ',':
        l->index++;
        l->named = false;
        w->p++;
        return;
    case '}':
    case ']':
        if (w->depth > 0)
            w->depth--;
        w->p++;
        return;
    default:
        if (l->object && !l->named && *w->p == '"')
            take_name(w);
        else
            take_value(w);
    }
}

int
scrub_json_text(struct scrub *s, struct arena *a, struct scrub_result *out,
                struct error *e)
{
    struct str json = out->text;
    struct scrub_walk w = {.s = s,
                           .a = a,
                           .result = out,
                           .p = json.p,
                           .end = json.p + json.n,
                           .copied = json.p};

    out->looked_at = json.n;
    s->level[0] = (struct scrub_level){.object = false};
    while (w.p < w.end)
        step(&w);
    if (out->removed == 0 && !w.no_memory)
        return 0;
    buf_add(&s->out, w.copied, (size_t)(w.end - w.copied));
    if (w.no_memory || s->out.failed || arena_copy(a, buf_str(&s->out), &out->text) != 0)
        return error_no_memory(e);
    return 0;
}
