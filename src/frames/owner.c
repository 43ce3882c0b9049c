#include "frames/owner.h"

#include <stddef.h>

#include "base/ascii.h"
#include "base/budget.h"
#include "frames/owner_tables.h"

/* Of a longer text only the beginning is compared. */
#define TEXT_MAX_BYTES 1024U

/* Paths match in either case, and with either slash. */
static char
fold(char c)
{
    return (char)(c == '\\' ? '/' : ascii_lower(c));
}

static bool
same(char a, char b, bool is_path)
{
    return a == b || (is_path && fold(a) == fold(b));
}

/* Steps back to the last "*" only, so it takes at most |pattern| * |text| steps. */
static bool
fits(struct str pattern, struct str text, bool is_path)
{
    size_t p = 0, t = 0, star = SIZE_MAX, from = 0;

    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            if (p + 1 == pattern.n)
                return true;
            star = ++p;
            from = t;
        } else if (p < pattern.n && same(pattern.p[p], text.p[t], is_path)) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

bool
owner_fits_any(struct str patterns, struct str text)
{
    struct str rest = patterns;

    while (rest.n > 0)
        if (fits(str_cut(&rest, ','), text, false))
            return true;
    return false;
}

static struct str
text_of(struct owner_text t)
{
    return (struct str){owner_texts + t.at, t.n};
}

/* The texts of a frame, by field. */
struct texts {
    struct str field[N_OWNER_FIELDS];
};

/* The place of the best rule so far, in the order of the table. */
struct search {
    const struct owner_table *table;
    const struct texts *texts;
    size_t best;
};

static bool
other_fits(const struct texts *t, const struct owner_rule *r)
{
    struct str rest = text_of(r->other);

    if (r->other_field == OWNER_NO_FIELD)
        return true;
    while (rest.n > 0) {
        struct str text = t->field[r->other_field];
        bool is_path = r->other_field <= OWNER_PACKAGE;

        if (fits(str_cut(&rest, ','), text, is_path) && text.p != NULL)
            return true;
    }
    return false;
}

/* Tries the rules of a slot whose patterns begin with this letter, or with a "*". */
static void
look(struct search *s, const struct owner_index *index, unsigned letter, struct str text,
     bool is_path)
{
    for (unsigned i = index->at[letter]; i < index->at[letter + 1]; i++) {
        size_t at = index->order[i];
        const struct owner_rule *r = &s->table->rules[at];

        if (at >= s->best)
            return;
        if (fits(text_of(r->pattern), text, is_path) && other_fits(s->texts, r))
            s->best = at;
    }
}

static void
look_at(struct search *s, size_t slot, struct str text, bool is_path)
{
    const struct owner_index *index = &s->table->slot[slot];
    unsigned char letter = (unsigned char)(is_path ? fold(text.p[0]) : text.p[0]);

    if (letter > 0 && letter < OWNER_LETTERS)
        look(s, index, letter, text, is_path);
    look(s, index, 0, text, is_path);
}

static void
look_in_folders(struct search *s, size_t slot, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (i == 0 || fold(text.p[i - 1]) == '/')
            look_at(s, slot, (struct str){text.p + i, text.n - i}, true);
}

bool
owner_find(const struct owner_frame *f, struct owner_answer *out)
{
    const struct texts texts = {.field = {[OWNER_PATH] = f->path,
                                          [OWNER_PACKAGE] = f->package,
                                          [OWNER_MODULE] = f->module,
                                          [OWNER_FUNCTION] = f->function}};
    struct texts cut = texts;
    struct search s = {&owner_tables[f->language], &cut, SIZE_MAX};

    for (size_t i = 0; i < N_OWNER_FIELDS; i++) {
        struct str *text = &cut.field[i];

        if (text->n > TEXT_MAX_BYTES)
            text->n = TEXT_MAX_BYTES;
        budget_spend(text->n);
    }
    for (size_t i = 0; i < N_OWNER_FIELDS; i++) {
        if (cut.field[i].n == 0)
            continue;
        look_at(&s, i, cut.field[i], i <= OWNER_PACKAGE);
        if (i <= OWNER_PACKAGE)
            look_in_folders(&s, OWNER_FOLDERS + i, cut.field[i]);
    }
    if (s.best == SIZE_MAX)
        return false;
    *out = (struct owner_answer){(enum owner)s.table->rules[s.best].owner,
                                 text_of(s.table->rules[s.best].text)};
    return true;
}

static bool
knows_module(const struct owner_event *ev, struct str module)
{
    for (size_t i = 0; i < ev->modules; i++)
        if (str_eq(ev->module[i], module))
            return true;
    return false;
}

void
owner_note(struct owner_event *ev, const struct owner_frame *f,
           const struct owner_answer *found)
{
    ev->some_true = ev->some_true || f->in_app == OWNER_SAID_TRUE;
    if (f->language == LANGUAGE_JAVA && f->in_app == OWNER_SAID_TRUE &&
        ev->modules < OWNER_MODULES && !knows_module(ev, f->module))
        ev->module[ev->modules++] = f->module;
    if (found != NULL && found->owner == OWNER_LIBRARY && f->in_app == OWNER_SAID_FALSE)
        ev->marks_libraries = true;
}

/* Returns whether a "true" on a library's path was asked for by the program's author. */
static bool
is_wish(const struct owner_event *ev, enum language l)
{
    switch (l) {
    case LANGUAGE_JAVA: /* these SDKs only know what they were told */
    case LANGUAGE_ELIXIR:
        return true;
    case LANGUAGE_PYTHON:
    case LANGUAGE_JAVASCRIPT:
        return ev->marks_libraries;
    case LANGUAGE_OTHER:
    case LANGUAGE_GO:
    case LANGUAGE_RUST:
    case LANGUAGE_NATIVE:
    case LANGUAGE_APPLE:
    case LANGUAGE_DOTNET:
    case LANGUAGE_RUBY:
    case LANGUAGE_PHP:
    case LANGUAGE_DART:
    case LANGUAGE_PERL:
    case LANGUAGE_LUA:
    case N_LANGUAGES:
        break;
    }
    return false;
}

struct owner_answer
owner_decide(const struct owner_event *ev, const struct owner_frame *f,
             const struct owner_answer *found)
{
    static const struct str said_true = STR_INIT("in_app is true"),
                            said_false = STR_INIT("in_app is false"),
                            said_nothing = STR_INIT("others are in_app"),
                            listed = STR_INIT("in the event's modules"),
                            nobody = STR_INIT("nobody else's");

    if (found != NULL && found->owner == OWNER_LIBRARY && f->in_app == OWNER_SAID_TRUE &&
        is_wish(ev, f->language))
        return (struct owner_answer){OWNER_PROGRAM, said_true};
    if (found != NULL)
        return *found;
    if (f->in_modules)
        return (struct owner_answer){OWNER_LIBRARY, listed};
    if (f->in_app == OWNER_SAID_TRUE)
        return (struct owner_answer){OWNER_PROGRAM, said_true};
    /* Java's old SDKs say "false" in a cause of what it has in common with the others. */
    if (f->language == LANGUAGE_JAVA && knows_module(ev, f->module))
        return (struct owner_answer){OWNER_PROGRAM, said_true};
    if (f->language == LANGUAGE_GO) /* its SDK says the same of all modules */
        return (struct owner_answer){OWNER_PROGRAM, nobody};
    if (f->in_app == OWNER_SAID_FALSE && ev->some_true)
        return (struct owner_answer){OWNER_LIBRARY, said_false};
    if (ev->some_true && f->language != LANGUAGE_NATIVE)
        return (struct owner_answer){OWNER_LIBRARY, said_nothing};
    return (struct owner_answer){OWNER_PROGRAM, nobody};
}

const char *
owner_name(enum owner owner)
{
    switch (owner) {
    case OWNER_PROGRAM:
        return "program";
    case OWNER_LIBRARY:
        return "library";
    case OWNER_RUNTIME:
        return "runtime";
    case OWNER_MACHINERY:
    case OWNER_RAISE:
        return "machinery";
    case OWNER_START:
        return "start";
    }
    return "?";
}
