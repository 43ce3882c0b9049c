#include "grouping/stack.h"

#include <string.h>

#include "base/budget.h"
#include "frames/place.h"
#include "json/json.h"

/* The most that one frame adds besides its texts: a kind and an end byte for each of
 * six. */
#define MARKS 12U

/* Recursion of so many functions is recognized; of more than one, when it went round so
 * often. */
#define PERIOD_MAX 8U
#define ROUNDS 3U

/* A frame as it counts. */
struct piece {
    struct str text;
    XXH128_hash_t hash;
};

struct texts {
    struct str module, file, function, number, line;
};

static char *
put(char *at, enum fingerprint_kind kind, struct str text)
{
    if (text.p == NULL)
        return at;
    *at++ = (char)kind;
    if (text.n > 0)
        (void)memcpy(at, text.p, text.n);
    at += text.n;
    *at++ = FINGERPRINT_END;
    return at;
}

/* Joins a frame's components: hashing many small pieces takes longer. */
static int
join(struct arena *a, const struct texts *t, struct piece *out, struct error *e)
{
    char *p = arena_get(a, t->module.n + t->file.n + t->function.n + t->number.n +
                               t->line.n + MARKS),
         *at = p;

    if (p == NULL)
        return error_no_memory(e);
    at = put(at, FINGERPRINT_FRAME, STR(""));
    at = put(at, FINGERPRINT_MODULE, t->module);
    at = put(at, FINGERPRINT_FILE, t->file);
    at = put(at, FINGERPRINT_FUNCTION, t->function);
    at = put(at, FINGERPRINT_NUMBER, t->number);
    at = put(at, FINGERPRINT_LINE, t->line);
    out->text = (struct str){p, (size_t)(at - p)};
    budget_spend(out->text.n);
    out->hash = XXH3_128bits(out->text.p, out->text.n);
    return 0;
}

/* If a source map was used, the source line says more than a name that may come from the
 * minifier. */
static int
is_mapped(struct frames *all, const struct stackframe *f, bool *out, struct error *e)
{
    static const struct str name = STR_INIT("sourcemap");
    struct str data = f->sent.field[TRACE_DATA], map = STR_NONE;

    *out = false;
    if (f->language != LANGUAGE_JAVASCRIPT || data.p == NULL ||
        scan_type(data) != SCAN_OBJECT)
        return 0;
    if (json_pick(all->a, data, &name, 1, &map, e) != 0)
        return -1;
    *out = map.p != NULL;
    return 0;
}

static bool
is_minified(const struct stackframe *f)
{
    return f->name.is_minified;
}

/* The texts that count; newest: this is the newest frame that counts, the place of the
 * error. */
static int
texts_of(struct frames *all, const struct stackframe *f, bool newest, struct texts *t,
         bool *says_nothing, struct error *e)
{
    struct str place;
    bool is_file, mapped;

    *t = (struct texts){STR_NONE, STR_NONE, STR_NONE, STR_NONE, STR_NONE};
    if (frames_place(all, f, &place, &is_file, e) != 0 ||
        frames_line(all, f, &t->line, e) != 0 || is_mapped(all, f, &mapped, e) != 0)
        return -1;
    *(is_file ? &t->file : &t->module) = place;
    if (is_file && place_is_url(f->path) && !is_minified(f))
        t->file = STR_NONE;
    if (is_minified(f))
        t->module = STR_NONE;
    t->function = f->name.counts;
    /* Browsers do not agree on what they call a closure. */
    if (t->function.p == NULL && f->language != LANGUAGE_JAVASCRIPT)
        t->function = f->name.full;
    if (is_minified(f) || (mapped && t->line.p != NULL))
        t->function = STR_NONE;
    /* Compilers number closures in the order in which they stand. */
    if (f->name.is_closure && t->line.p == NULL && newest)
        t->number = f->name.number;
    *says_nothing = t->line.p == NULL && t->number.p == NULL &&
                    (t->function.p == NULL || f->name.is_closure);
    return 0;
}

static bool
counts(const struct stackframe *f, enum stack_which which)
{
    if (f->is_cut)
        return false;
    if (which == STACK_OWN)
        return f->owner.owner == OWNER_PROGRAM;
    return f->owner.owner == OWNER_LIBRARY || f->owner.owner == OWNER_RUNTIME ||
           f->owner.owner == OWNER_PROGRAM;
}

/* Returns how many pieces from `at` on repeat themselves with this period. */
static size_t
repeated(const struct piece *list, size_t count, size_t at, size_t period)
{
    size_t n = 0;

    while (at + period + n < count &&
           XXH128_isEqual(list[at + n].hash, list[at + period + n].hash))
        n++;
    return n;
}

/* Where a round of recursion begins is chance: the one with the least hash. */
static size_t
first_of_round(const struct piece *list, size_t at, size_t period)
{
    size_t best = 0;

    for (size_t i = 1; i < period; i++)
        if (XXH128_cmp(&list[at + i].hash, &list[at + best].hash) < 0)
            best = i;
    return best;
}

/* Puts the pieces, each round of recursion once, whatever part of a round remains. */
static void
put_pieces(struct fingerprint *f, const struct piece *list, size_t count)
{
    size_t i = 0;

    while (i < count) {
        size_t period = 1, n = repeated(list, count, i, 1);

        while (n == 0 && ++period <= PERIOD_MAX) {
            n = repeated(list, count, i, period);
            if (n < (ROUNDS - 1) * period)
                n = 0;
        }
        if (n == 0) {
            fingerprint_put(f, list[i++].text);
            continue;
        }
        for (size_t k = 0, from = first_of_round(list, i, period); k < period; k++)
            fingerprint_put(f, list[i + (from + k) % period].text);
        i += period + n;
    }
}

/* Returns the index of the newest frame that counts, or SIZE_MAX. */
static size_t
newest(const struct stack *s, enum stack_which which)
{
    for (size_t i = s->count; i > 0; i--)
        if (counts(&s->frame[i - 1], which))
            return i - 1;
    return SIZE_MAX;
}

/* A frame whose name a minifier chose only counts where there is no other: by its file.
 */
static bool
all_minified(const struct stack *s, enum stack_which which)
{
    for (size_t i = 0; i < s->count; i++)
        if (counts(&s->frame[i], which) && !is_minified(&s->frame[i]) &&
            s->frame[i].name.counts.p != NULL)
            return false;
    return true;
}

int
stack_add(struct fingerprint *f, struct frames *all, const struct stack *s,
          enum stack_which which, struct stack_added *out, struct error *e)
{
    size_t last = newest(s, which), n = 0, from = which == STACK_NEWEST ? last : 0;
    bool minified = all_minified(s, which), nothing;
    struct piece *list;

    *out = (struct stack_added){.frames = 0};
    if (last == SIZE_MAX)
        return 0;
    list = arena_array(all->a, s->count, sizeof *list);
    if (list == NULL)
        return error_no_memory(e);
    for (size_t i = from; i <= last; i++) {
        const struct stackframe *frame = &s->frame[i];
        struct texts t;

        if (!counts(frame, which))
            continue;
        if (texts_of(all, frame, i == last, &t, &nothing, e) != 0)
            return -1;
        if (i == last)
            out->says_nothing = nothing;
        if ((is_minified(frame) && !minified) ||
            (t.module.p == NULL && t.file.p == NULL && t.function.p == NULL &&
             t.line.p == NULL))
            continue;
        if (join(all->a, &t, &list[n++], e) != 0)
            return -1;
    }
    put_pieces(f, list, n);
    out->frames = n;
    return 0;
}
