#include "grouping/match.h"

#include "base/budget.h"
#include "base/glob.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "event/title.h"
#include "json/json.h"

/* The texts of one of the last frames or exceptions, for the fields RULE_TYPE to
 * RULE_PACKAGE. */
struct texts {
    struct str field[RULE_PACKAGE + 1];
};

/* The last ones, in a ring. */
struct ring {
    struct texts *list;
    size_t seen;
};

struct evidence {
    struct ring exceptions, frames;
    struct str logger;
};

static struct texts *
ring_next(struct ring *r)
{
    struct texts *t = &r->list[r->seen++ % LIMIT_RULE_FRAMES];

    *t = (struct texts){{STR_NONE}};
    return t;
}

static size_t
ring_count(const struct ring *r)
{
    return r->seen < LIMIT_RULE_FRAMES ? r->seen : LIMIT_RULE_FRAMES;
}

static int
add_frames(struct work *w, struct str stacktrace, struct ring *r, struct error *e)
{
    struct str frames, object;
    struct trace_walk walk;

    if (trace_frames(w->a, stacktrace, &frames, e) != 0)
        return -1;
    walk = trace_begin(frames);
    while (trace_next(&walk, &object)) {
        struct texts *t = ring_next(r);
        struct str *path = &t->field[RULE_PATH];
        struct trace_frame f;

        if (trace_frame(w->a, object, &f, e) != 0 ||
            trace_text(w->a, f.field[TRACE_FUNCTION], &t->field[RULE_FUNCTION], e) != 0 ||
            trace_text(w->a, f.field[TRACE_FRAME_MODULE], &t->field[RULE_MODULE], e) !=
                0 ||
            trace_text(w->a, f.field[TRACE_PACKAGE], &t->field[RULE_PACKAGE], e) != 0 ||
            trace_text(w->a, f.field[TRACE_ABS_PATH], path, e) != 0 ||
            (path->p == NULL && trace_text(w->a, f.field[TRACE_FILENAME], path, e) != 0))
            return -1;
    }
    return 0;
}

static int
add_exceptions(const struct rules *rules, struct work *w, struct evidence *ev,
               struct error *e)
{
    struct trace_walk walk = trace_begin(w->trace.exceptions);
    struct str object;

    while (trace_next(&walk, &object)) {
        struct title_exception x;
        struct trace_exception from;
        struct texts *t = ring_next(&ev->exceptions);

        if (trace_exception(w->a, object, &from, e) != 0 ||
            title_read(w->a, &from, &x, e) != 0)
            return -1;
        t->field[RULE_TYPE] = x.type;
        t->field[RULE_VALUE] = x.value;
        if (rules->want_frames &&
            add_frames(w, from.field[TRACE_STACKTRACE], &ev->frames, e) != 0)
            return -1;
    }
    return 0;
}

static int
add_threads(struct work *w, struct evidence *ev, struct error *e)
{
    struct trace_walk walk = trace_begin(w->trace.threads);
    struct str object;

    while (trace_next(&walk, &object)) {
        struct trace_thread t;

        if (trace_thread(w->a, object, &t, e) != 0 ||
            add_frames(w, t.field[TRACE_THREAD_STACKTRACE], &ev->frames, e) != 0)
            return -1;
    }
    return 0;
}

static int
gather(const struct rules *rules, struct work *w, struct evidence *ev, struct error *e)
{
    ev->exceptions.list = arena_get(w->a, LIMIT_RULE_FRAMES * sizeof(struct texts));
    ev->frames.list = arena_get(w->a, LIMIT_RULE_FRAMES * sizeof(struct texts));
    if (ev->exceptions.list == NULL || ev->frames.list == NULL)
        return error_no_memory(e);
    if (json_scalar(w->a, w->member[MEMBER_LOGGER], &ev->logger, e) != 0)
        return -1;
    if (rules->want_frames && (add_threads(w, ev, e) != 0 ||
                               add_frames(w, w->trace.stacktrace, &ev->frames, e) != 0))
        return -1;
    if (!rules->want_frames && !rules->want_exceptions)
        return 0;
    return add_exceptions(rules, w, ev, e);
}

static bool
fits(const struct rule_matcher *m, struct str text)
{
    return text.p != NULL &&
           glob_matches(m->pattern, utf8_head(text, LIMIT_MESSAGE_CHARS));
}

static bool
fits_any(const struct rule_matcher *m, const struct ring *r)
{
    for (size_t i = 0; i < ring_count(r); i++)
        if (fits(m, r->list[i].field[m->field]))
            return true;
    return false;
}

static int
tag_fits(const struct rule_matcher *m, struct work *w, bool *out, struct error *e)
{
    struct str text = STR_NONE;

    if (work_tag(w, m->tag, &text, e) != 0)
        return -1;
    *out = fits(m, text);
    return 0;
}

static int
matcher_fits(const struct rule_matcher *m, struct work *w, const struct event *ev,
             const struct evidence *about, bool *out, struct error *e)
{
    switch (m->field) {
    case RULE_TYPE:
    case RULE_VALUE:
        *out = fits_any(m, &about->exceptions);
        break;
    case RULE_FUNCTION:
    case RULE_MODULE:
    case RULE_PATH:
    case RULE_PACKAGE:
        *out = fits_any(m, &about->frames);
        break;
    case RULE_MESSAGE:
        *out = fits(m, ev->message.p != NULL ? ev->message : ev->value);
        break;
    case RULE_LEVEL:
        *out = fits(m, ev->level);
        break;
    case RULE_LOGGER:
        *out = fits(m, about->logger);
        break;
    case RULE_RELEASE:
        *out = fits(m, ev->release);
        break;
    case RULE_ENVIRONMENT:
        *out = fits(m, ev->environment);
        break;
    case RULE_PLATFORM:
        *out = fits(m, ev->platform);
        break;
    case RULE_TAG:
        if (tag_fits(m, w, out, e) != 0)
            return -1;
        break;
    }
    *out = *out != m->negated;
    return 0;
}

int
match_event(const struct rules *rules, struct work *w, const struct event *ev,
            const struct rule **out, struct error *e)
{
    struct evidence about = {.logger = STR_NONE};

    *out = NULL;
    if (rules->count == 0)
        return 0;
    budget_doing("trying the grouping rules");
    if (gather(rules, w, &about, e) != 0)
        return -1;
    for (size_t i = 0; i < rules->count && *out == NULL && budget_left(); i++) {
        const struct rule *r = &rules->list[i];
        bool all = r->kind == RULE_GROUPS;

        for (size_t j = 0; j < r->matcher_count && all; j++)
            if (matcher_fits(&r->matchers[j], w, ev, &about, &all, e) != 0)
                return -1;
        if (all)
            *out = r;
    }
    return 0;
}

static struct str
field_of(const struct stackframe *f, enum rule_field field)
{
    switch (field) {
    case RULE_FUNCTION:
        return f->function;
    case RULE_MODULE:
        return f->module;
    case RULE_PATH:
        return f->path;
    case RULE_PACKAGE:
        return f->package;
    default:
        return STR_NONE;
    }
}

bool
match_frame(const void *rules, const struct stackframe *f, bool *is_program,
            struct str *why)
{
    const struct rules *all = rules;

    for (size_t i = 0; all->has_frame_rules && i < all->count && budget_left(); i++) {
        const struct rule *r = &all->list[i];
        bool fit = r->kind != RULE_GROUPS;

        for (size_t j = 0; j < r->matcher_count && fit; j++)
            fit = fits(&r->matchers[j], field_of(f, r->matchers[j].field)) !=
                  r->matchers[j].negated;
        if (!fit)
            continue;
        *is_program = r->kind == RULE_PROGRAM;
        *why = *is_program ? STR("a rule with +app") : STR("a rule with -app");
        return true;
    }
    return false;
}
