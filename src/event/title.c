#include "event/title.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "event/normal.h"
#include "frames/place.h"
#include "json/json.h"

#define PLACE_MAX_CHARS 250U

/* Sets *out to the concatenated pieces. */
static int
join(struct arena *a, const struct str *pieces, size_t count, struct str *out,
     struct error *e)
{
    size_t n = 0, at = 0;
    char *p;

    for (size_t i = 0; i < count; i++)
        n += pieces[i].n;
    p = arena_get(a, n);
    if (p == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].n > 0)
            (void)memcpy(p + at, pieces[i].p, pieces[i].n);
        at += pieces[i].n;
    }
    *out = (struct str){p, n};
    return 0;
}

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '$';
}

/* "Type: text" from clients with one field for both. */
static void
split_value(struct title_exception *x)
{
    size_t n = 0;

    while (n < x->value.n && is_word(x->value.p[n]))
        n++;
    if (n == 0 || x->value.n - n < 2 || memcmp(x->value.p + n, ": ", 2) != 0)
        return;
    x->type = (struct str){x->value.p, n};
    x->value = trace_or_absent((struct str){x->value.p + n + 2, x->value.n - n - 2});
}

int
title_read(struct arena *a, const struct trace_exception *from,
           struct title_exception *out, struct error *e)
{
    static const struct str names[] = {STR_INIT("synthetic")};
    struct str mechanism = from->field[TRACE_MECHANISM], synthetic = STR_NONE;

    if (trace_type(a, from, &out->type, &out->value, e) != 0)
        return -1;
    if (mechanism.p != NULL && scan_type(mechanism) == SCAN_OBJECT &&
        json_pick(a, mechanism, names, 1, &synthetic, e) != 0)
        return -1;
    if (out->type.p == NULL)
        split_value(out);
    out->synthetic = synthetic.p != NULL && scan_type(synthetic) == SCAN_TRUE;
    out->thrown = NULL;
    out->found = out->type.p != NULL || out->value.p != NULL;
    return 0;
}

int
title_exception(struct arena *a, struct str exceptions, struct title_exception *out,
                struct error *e)
{
    struct trace_walk w = trace_begin(exceptions);
    struct str object;

    *out = (struct title_exception){.found = false};
    while (trace_next(&w, &object)) {
        struct trace_exception x;
        struct title_exception one = {.found = false};

        if (trace_exception(a, object, &x, e) != 0 || title_read(a, &x, &one, e) != 0)
            return -1;
        if (one.found)
            *out = one;
    }
    return 0;
}

/* The newest frame of the program in the stack of an exception, else of the others from
 * the last on, else of the thread, else of the event; or NULL. */
static const struct stackframe *
newest_own(const struct frames *all, const struct thrown *x)
{
    const struct stackframe *found = x == NULL ? NULL : frames_newest_own(&x->stack);

    for (size_t i = all->exception_count; i > 0 && found == NULL; i--)
        found = frames_newest_own(&all->exceptions[i - 1].stack);
    if (found == NULL)
        found = frames_newest_own(&all->thread);
    return found == NULL ? frames_newest_own(&all->own) : found;
}

/* The type that people read: without the place of PHP's anonymous classes; absent when
 * it is a place itself, as cockroachdb/errors has it. */
static struct str
shown_type(const struct frames *all, const struct title_exception *x)
{
    struct str lasting = name_type(all->language, x->type);

    if (all->language == LANGUAGE_GO && lasting.p != x->type.p)
        return STR_NONE;
    return normal_first_line(all->language == LANGUAGE_PHP ? lasting : x->type);
}

int
title_of_exception(struct arena *a, const struct frames *all,
                   const struct title_exception *x, struct str *out, struct error *e)
{
    struct str type = shown_type(all, x), line = normal_first_line(x->value);
    const struct stackframe *f = NULL;

    /* For a crash of native code, the function says more than a placeholder type. */
    if (x->synthetic && language_is_compiled(all->language))
        f = newest_own(all, x->thrown);
    if (f != NULL && f->name.full.n > 0) {
        *out = f->name.full;
        return 0;
    }
    *out = type.n == 0 ? line : type;
    if (type.n == 0 || line.n == 0)
        return 0;
    /* One character more shows that it was truncated. */
    return join(a,
                (const struct str[]){utf8_head(type, LIMIT_TITLE_CHARS), STR(": "),
                                     utf8_head(line, LIMIT_TITLE_CHARS + 1)},
                3, out, e);
}

/* Returns the path of a URL; any other text unchanged. */
static struct str
without_host(struct str path)
{
    for (size_t i = 0; i + 2 < path.n && i < 16; i++) {
        if (memcmp(path.p + i, "://", 3) != 0)
            continue;
        for (size_t j = i + 3; j < path.n; j++)
            if (path.p[j] == '/')
                return (struct str){path.p + j, path.n - j};
        return path;
    }
    return path;
}

/* Returns the file of a frame without the query of its URL, which browsers and bundlers
 * add.  Elsewhere these characters are part of a name. */
static struct str
normal_source(enum language l, struct str file)
{
    bool is_url = file.n > 0 && memmem(file.p, file.n, "://", 3) != NULL;

    if (!is_url && l != LANGUAGE_JAVASCRIPT)
        return file;
    return is_url ? normal_url(file) : str_cut(&file, '?');
}

/* How a language puts a module and a function together. */
static struct str
between(enum language l)
{
    switch (l) {
    case LANGUAGE_JAVA:
    case LANGUAGE_GO:
    case LANGUAGE_DOTNET:
    case LANGUAGE_ELIXIR:
        return STR(".");
    case LANGUAGE_RUBY:
        return STR("#");
    case LANGUAGE_OTHER:
    case LANGUAGE_PYTHON:
    case LANGUAGE_JAVASCRIPT:
    case LANGUAGE_RUST:
    case LANGUAGE_NATIVE:
    case LANGUAGE_APPLE:
    case LANGUAGE_PHP:
    case LANGUAGE_DART:
    case LANGUAGE_PERL:
    case LANGUAGE_LUA:
    case N_LANGUAGES:
        break;
    }
    return STR(" in ");
}

/* The name has its module in it, or needs none. */
static bool
is_whole(const struct stackframe *f)
{
    const struct str name = f->name.full;

    if (language_is_compiled(f->language))
        return true;
    if (f->language == LANGUAGE_RUBY)
        return memchr(name.p, '#', name.n) != NULL;
    return (f->language == LANGUAGE_PHP || f->language == LANGUAGE_PERL) && name.n > 2 &&
           memmem(name.p, name.n, "::", 2) != NULL;
}

/* A frame as its language writes it. */
static int
place_of(struct arena *a, struct frames *all, const struct stackframe *f, struct str *out,
         struct error *e)
{
    struct str name = f->name.full, module = STR_NONE, file;

    /* People know Go's closures by their numbers. */
    if (f->language == LANGUAGE_GO && f->name.is_closure && f->function.p != NULL)
        name = f->function;
    name = utf8_head(name, PLACE_MAX_CHARS);
    *out = name;
    if (name.n > 0 && is_whole(f))
        return 0;
    file = f->sent.field[TRACE_FILENAME].p != NULL ? f->file : without_host(f->path);
    file = normal_source(f->language, file);
    if (str_eq(f->module, STR("__main__")))
        module = file;
    else if (f->module.p != NULL &&
             place_module(all->a, f->language, f->module, &module, e) != 0)
        return -1;
    module = normal_source(f->language, module);
    if (module.n == 0 && file.n > 0 && name.n > 0 && between(f->language).n == 1)
        return join(a, (const struct str[]){file, STR(" in "), name}, 3, out, e);
    module = utf8_head(module.n == 0 ? file : module, PLACE_MAX_CHARS);
    if (module.n == 0 || name.n == 0) {
        *out = module.n == 0 ? name : module;
        return 0;
    }
    if (f->language == LANGUAGE_JAVASCRIPT || f->language == LANGUAGE_DART)
        return join(a, (const struct str[]){name, STR(" ("), module, STR(")")}, 4, out,
                    e);
    return join(a, (const struct str[]){module, between(f->language), name}, 3, out, e);
}

int
title_culprit(struct arena *a, struct frames *all, const struct title_exception *x,
              struct str *out, struct error *e)
{
    const struct stackframe *f = newest_own(all, x->found ? x->thrown : NULL);

    *out = STR_NONE;
    return f == NULL ? 0 : place_of(a, all, f, out, e);
}

/* The last frame of the last stack. */
static const struct stackframe *
last_frame(const struct frames *all)
{
    const struct stack *s = &all->own;

    if (s->count == 0)
        s = &all->thread;
    for (size_t i = all->exception_count; i > 0 && s->count == 0; i--)
        s = &all->exceptions[i - 1].stack;
    return s->count == 0 ? NULL : &s->frame[s->count - 1];
}

const struct stackframe *
title_crash_frame(const struct frames *all, const struct title_exception *x)
{
    const struct stackframe *f = newest_own(all, x->found ? x->thrown : NULL);

    return f == NULL ? last_frame(all) : f;
}
