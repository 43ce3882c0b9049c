#include "grouping_v2/stack.h"

#include <string.h>

#include "base/budget.h"
#include "grouping_v2/trace.h"

/* The most that one frame adds besides its texts: a kind and an end byte for each of
 * five. */
#define MARKS 10U

void
v2_stack_begin(struct v2_stack *s)
{
    for (int i = 0; i < STACK_VARIANTS; i++) {
        fingerprint_begin(&s->print[i], 2, NULL);
        s->frames[i] = 0;
    }
}

void
v2_stack_add(struct v2_stack *s, enum fingerprint_kind kind, struct str text)
{
    for (int i = 0; i < STACK_VARIANTS; i++)
        fingerprint_add(&s->print[i], kind, text);
}

enum stack_variant
v2_stack_chosen(const struct v2_stack *s)
{
    return s->frames[STACK_OWN] > 0 ? STACK_OWN : STACK_ALL;
}

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
join(struct arena *a, const struct v2_stackframe *f, struct str *out, struct error *e)
{
    char *p = arena_get(a, f->module.n + f->file.n + f->function.n + f->line.n + MARKS),
         *at = p;

    if (p == NULL)
        return error_no_memory(e);
    at = put(at, FINGERPRINT_FRAME, STR(""));
    at = put(at, FINGERPRINT_MODULE, f->module);
    at = put(at, FINGERPRINT_FILE, f->file);
    at = put(at, FINGERPRINT_FUNCTION, f->function);
    at = put(at, FINGERPRINT_LINE, f->line);
    *out = (struct str){p, (size_t)(at - p)};
    return 0;
}

/* A walk down one stack trace. */
struct descent {
    struct v2_stack *s;
    size_t *count;
    bool alone;  /* the trace has one frame only */
    bool raised; /* the following frames belong to the run time */
    bool has_last, last_in_app;
    XXH128_hash_t last;
};

static int
take_frame(struct descent *d, struct stackframes *all, const struct v2_trace_frame *from,
           struct error *e)
{
    struct v2_stackframe f;
    struct str text;
    XXH128_hash_t hash;

    if (v2_stackframe_read(all, from, &f, e) != 0)
        return -1;
    if (d->raised || f.noise || v2_stackframe_is_empty(&f) || (d->alone && f.is_url))
        return 0;
    d->raised = f.raises;
    if (join(all->a, &f, &text, e) != 0)
        return -1;
    budget_spend(text.n);
    hash = XXH3_128bits(text.p, text.n);
    if (d->has_last && d->last_in_app == f.in_app && XXH128_isEqual(hash, d->last))
        return 0;
    d->has_last = true;
    d->last_in_app = f.in_app;
    d->last = hash;
    for (int i = f.in_app ? STACK_OWN : STACK_ALL; i < STACK_VARIANTS; i++) {
        fingerprint_put(&d->s->print[i], text);
        d->s->frames[i]++;
        d->count[i]++;
    }
    return 0;
}

static bool
is_alone(struct str frames)
{
    struct v2_trace_walk w = v2_trace_begin(frames);
    struct str object, other;

    return v2_trace_next(&w, &object) && !v2_trace_next(&w, &other);
}

int
v2_stack_frames(struct v2_stack *s, struct stackframes *all, struct str stacktrace,
                size_t count[STACK_VARIANTS], struct error *e)
{
    struct descent d = {.s = s, .count = count};
    struct str frames, object;
    struct v2_trace_walk w;

    count[STACK_OWN] = count[STACK_ALL] = 0;
    if (v2_trace_frames(all->a, stacktrace, &frames, e) != 0)
        return -1;
    d.alone = is_alone(frames);
    w = v2_trace_begin(frames);
    while (v2_trace_next(&w, &object)) {
        struct v2_trace_frame from;
        struct arena_mark mark;
        int rc;

        if (v2_trace_frame(all->a, object, &from, e) != 0 ||
            v2_stackframe_prepare(all, &from, e) != 0)
            return -1;
        mark = arena_mark(all->a);
        rc = take_frame(&d, all, &from, e);
        arena_rewind(all->a, mark);
        if (rc != 0)
            return -1;
    }
    return 0;
}
