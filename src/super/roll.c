#include "super/roll.h"

#include <string.h>

static void
replace(struct tree *t, struct child *c, int64_t now_ms)
{
    c->replace = false;
    t->rolling = c;
    t->changed = true;
    if (child_runs(c)) {
        child_stop(c, now_ms);
        return;
    }
    c->state = CHILD_WAITING;
    c->start_at_ms = now_ms;
}

void
roll_step(struct tree *t, int64_t now_ms)
{
    if (t->rolling != NULL && t->rolling->state != CHILD_UP &&
        t->rolling->state != CHILD_DONE && t->rolling->state != CHILD_DOWN)
        return;
    t->rolling = NULL;
    for (struct tree_walk w = {0}; tree_next(t, &w);)
        if (w.c->replace) {
            replace(t, w.c, now_ms);
            return;
        }
}

static bool
has_name(const struct service *s, const struct child *c, const char *name)
{
    return strcmp(s->conf.name, name) == 0 || strcmp(c->name, name) == 0;
}

int
roll_begin(struct tree *t, const char *name, struct error *e)
{
    bool found = name == NULL;

    t->roll_error = (struct error){.kind = ERROR_NONE};
    for (struct tree_walk w = {0}; tree_next(t, &w);)
        if (!w.s->leaving && !w.c->surplus && w.s->begun &&
            (name == NULL ? w.s->conf.rolling : has_name(w.s, w.c, name))) {
            w.c->replace = true;
            found = true;
        }
    return found ? 0 : error_set(e, ERROR_NOT_FOUND, "no child %.64s", name);
}

void
roll_abort(struct tree *t, const struct child *c, const char *why)
{
    (void)error_set(&t->roll_error, ERROR_SYSTEM, "a child failed");
    (void)error_detail(&t->roll_error, "%s: %s; it stays down", c->name, why);
    t->rolling = NULL;
    for (struct tree_walk w = {0}; tree_next(t, &w);)
        w.c->replace = false;
}
