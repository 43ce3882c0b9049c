#include "frames/decide.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/budget.h"
#include "frames/place.h"
#include "json/json.h"

/* Of an event's modules, those looked at. */
#define MODULES_MAX 4096U

static enum owner_said
said(struct str in_app)
{
    if (in_app.p == NULL)
        return OWNER_SAID_NOTHING;
    switch (scan_type(in_app)) {
    case SCAN_TRUE:
        return OWNER_SAID_TRUE;
    case SCAN_FALSE:
        return OWNER_SAID_FALSE;
    default:
        return OWNER_SAID_NOTHING;
    }
}

static int
compare_modules(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Go's modules with a version: the program itself has none, or "(devel)". */
static int
read_modules(struct frames *all, struct str json, struct error *e)
{
    struct scan_iter it;
    struct str name, value, text;
    size_t room = 0;

    if (all->language != LANGUAGE_GO || json.p == NULL || scan_type(json) != SCAN_OBJECT)
        return 0;
    for (it = scan_open(json); scan_object_next(&it, &name, &value);)
        room += room < MODULES_MAX;
    all->modules = arena_array(all->a, room, sizeof *all->modules);
    if (all->modules == NULL)
        return error_no_memory(e);
    it = scan_open(json);
    while (all->module_count < room && scan_object_next(&it, &name, &value)) {
        if (json_scalar(all->a, value, &text, e) != 0)
            return -1;
        if (text.n == 0 || text.p[0] != 'v')
            continue;
        if (json_inside(all->a, name, &all->modules[all->module_count], e) != 0)
            return -1;
        all->module_count++;
    }
    qsort(all->modules, all->module_count, sizeof *all->modules, compare_modules);
    return 0;
}

/* Whether a prefix of the module, up to a slash, is one of the event's; of its first
 * parts only, since each look-up reads the prefix again. */
static bool
is_dependency(const struct frames *all, struct str module)
{
    size_t parts = 0;

    if (module.p == NULL || all->module_count == 0)
        return false;
    for (size_t n = 1; n <= module.n && parts < FRAMES_MODULE_PARTS; n++) {
        const struct str prefix = {module.p, n};

        if (n < module.n && module.p[n] != '/')
            continue;
        budget_spend(n);
        if (bsearch(&prefix, all->modules, all->module_count, sizeof prefix,
                    compare_modules) != NULL)
            return true;
        parts++;
    }
    return false;
}

/* Sets what owner.c wants to know of a frame. */
static int
describe(struct frames *all, struct stackframe *f, struct error *e)
{
    struct str module = f->module;

    if (f->language == LANGUAGE_JAVA && module.p != NULL &&
        place_module(all->a, f->language, module, &module, e) != 0)
        return -1;
    f->asked = (struct owner_frame){.language = f->language,
                                    .in_app = said(f->sent.field[TRACE_IN_APP]),
                                    .in_modules = is_dependency(all, module),
                                    .path = f->path,
                                    .package = f->package,
                                    .module = module,
                                    .function = f->name.full};
    return 0;
}

/* A frame that says nothing at all, or the text of an eval. */
static bool
is_nobodys(const struct stackframe *f)
{
    if (f->language == LANGUAGE_JAVASCRIPT &&
        (str_eq(f->function, STR("eval")) || str_eq(f->path, STR("eval code"))))
        return true;
    if (language_is_compiled(f->language) && f->name.full.p == NULL)
        return f->module.p == NULL && f->file.p == NULL;
    return f->function.p == NULL && f->module.p == NULL && f->file.p == NULL &&
           f->name.full.p == NULL && f->sent.field[TRACE_CONTEXT_LINE].p == NULL;
}

struct deciding {
    struct frames *all;
    const struct frames_source *from;
    struct owner_event event;
};

/* First pass: what the tables say, and what the SDK's words are worth. */
static int
look_up(struct deciding *d, const struct stack *s, struct error *e)
{
    for (size_t i = 0; i < s->count; i++) {
        struct stackframe *f = &s->frame[i];
        bool found;

        if (describe(d->all, f, e) != 0)
            return -1;
        found = owner_find(&f->asked, &f->owner);
        if (!found)
            f->owner = (struct owner_answer){OWNER_PROGRAM, STR_NONE};
        owner_note(&d->event, &f->asked, found ? &f->owner : NULL);
    }
    return 0;
}

static void
decide_frame(const struct deciding *d, struct stackframe *f)
{
    bool is_program;
    struct str why;

    if (d->from->decide != NULL &&
        d->from->decide(d->from->rules, f, &is_program, &why)) {
        f->owner = (struct owner_answer){is_program ? OWNER_PROGRAM : OWNER_LIBRARY, why};
        return;
    }
    if (is_nobodys(f))
        f->owner = (struct owner_answer){OWNER_MACHINERY, STR("it says nothing")};
    else
        f->owner =
            owner_decide(&d->event, &f->asked, f->owner.why.p == NULL ? NULL : &f->owner);
}

/* Where a program does no more than begin, its main function may be where it failed: it
 * is the program's if nothing but the runtime is newer. */
static void
claim_main(const struct stack *s)
{
    static const struct str mains[] = {STR_INIT("main"), STR_INIT("wmain"),
                                       STR_INIT("WinMain"), STR_INIT("wWinMain")};
    size_t i = s->count;

    if (frames_has_own(s))
        return;
    while (i > 0 && (s->frame[i - 1].owner.owner == OWNER_RUNTIME ||
                     s->frame[i - 1].owner.owner == OWNER_MACHINERY ||
                     s->frame[i - 1].owner.owner == OWNER_RAISE))
        i--;
    for (size_t k = 0; i > 0 && k < COUNT_OF(mains); k++)
        if (language_is_compiled(s->frame[i - 1].language) &&
            str_eq(s->frame[i - 1].name.full, mains[k]))
            s->frame[i - 1].owner = (struct owner_answer){
                OWNER_PROGRAM, STR("nothing but the runtime is newer")};
}

/* The name of the function around a closure of Go: "f" of "f.func1", "f.func1" of
 * "f.func1.2"; absent when it is no closure. */
static struct str
around(struct str name)
{
    size_t n = name.n;

    while (n > 0 && ascii_is_digit(name.p[n - 1]))
        n--;
    if (n == name.n)
        return STR_NONE;
    if (n > 4 && memcmp(name.p + n - 5, ".func", 5) == 0)
        return (struct str){name.p, n - 5};
    return n > 1 && name.p[n - 1] == '.' ? (struct str){name.p, n - 1} : STR_NONE;
}

static bool
is_named_recovery(struct str name)
{
    static const struct str words[] = {STR_INIT("ecover"), STR_INIT("anic")};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (memmem(name.p, name.n, words[i].p, words[i].n) != NULL)
            return true;
    return false;
}

/* A deferred closure that recovers from a panic runs on top of the frames that panicked,
 * and Go's SDK leaves out the runtime's frames that would tell: cuts from there on. */
static void
cut_recovery(const struct thrown *x)
{
    const struct stack *s = &x->stack;
    size_t seen = 0;

    if (!str_starts(x->type, STR("runtime.")) && !str_starts(x->type, STR("*runtime.")))
        return;
    for (size_t i = 2; i < s->count && seen < FRAMES_RECOVERIES; i++) {
        struct stackframe *f = &s->frame[i];
        struct str parent = around(f->function);
        bool found = false;

        if (f->language != LANGUAGE_GO || parent.n == 0 ||
            !is_named_recovery(f->function))
            continue;
        seen++;
        budget_spend(i * parent.n);
        for (size_t k = i - 1; k > 0 && !found; k--)
            found = str_eq(s->frame[k - 1].function, parent) &&
                    str_eq(s->frame[k - 1].module, f->module);
        if (!found)
            continue;
        for (; i < s->count; i++)
            s->frame[i].is_cut = true;
    }
}

/* Second pass: decides; frames that a raising function calls do not count. */
static void
decide(const struct deciding *d, const struct stack *s)
{
    bool raised = false;

    for (size_t i = 0; i < s->count; i++) {
        struct stackframe *f = &s->frame[i];

        decide_frame(d, f);
        f->is_cut = raised;
        raised = raised || f->owner.owner == OWNER_RAISE;
    }
    claim_main(s);
}

int
decide_owners(struct frames *all, const struct frames_source *from, struct error *e)
{
    struct deciding d = {.all = all, .from = from};

    if (read_modules(all, from->modules, e) != 0)
        return -1;
    for (size_t i = 0; i < all->exception_count; i++)
        if (look_up(&d, &all->exceptions[i].stack, e) != 0)
            return -1;
    if (look_up(&d, &all->thread, e) != 0 || look_up(&d, &all->own, e) != 0)
        return -1;
    for (size_t i = 0; i < all->exception_count; i++) {
        decide(&d, &all->exceptions[i].stack);
        cut_recovery(&all->exceptions[i]);
    }
    decide(&d, &all->thread);
    decide(&d, &all->own);
    return 0;
}
