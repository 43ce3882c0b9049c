#include "grouping_v2/chain.h"

#include <stdlib.h>
#include <string.h>

#include "grouping_v2/parameterize.h"
#include "grouping_v2/title.h"
#include "grouping_v2/trace.h"
#include "json/json.h"

/* The name of PHP's anonymous classes continues with a NUL (U+FFFD here) and their
 * location. */
static struct str
lasting_type(struct str type)
{
    static const struct str mark = STR_INIT("@anonymous");
    const char *at = type.n == 0 ? NULL : memmem(type.p, type.n, mark.p, mark.n);

    return at == NULL ? type : (struct str){type.p, (size_t)(at - type.p) + mark.n};
}

/* Apple's errors have a domain and a code, which say more than the text. */
static int
ns_error(struct arena *a, struct str mechanism, struct str values[2], struct error *e)
{
    static const struct str meta_name = STR_INIT("meta"),
                            error_name = STR_INIT("ns_error");
    static const struct str names[2] = {STR_INIT("domain"), STR_INIT("code")};
    struct str meta = STR_NONE, error = STR_NONE;

    values[0] = values[1] = STR_NONE;
    if (mechanism.p != NULL && scan_type(mechanism) == SCAN_OBJECT &&
        json_pick(a, mechanism, &meta_name, 1, &meta, e) != 0)
        return -1;
    if (meta.p != NULL && scan_type(meta) == SCAN_OBJECT &&
        json_pick(a, meta, &error_name, 1, &error, e) != 0)
        return -1;
    if (error.p == NULL || scan_type(error) != SCAN_OBJECT)
        return 0;
    if (json_pick(a, error, names, 2, values, e) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (json_scalar(a, values[i], &values[i], e) != 0)
            return -1;
    return 0;
}

static void
add_value(struct fingerprint *f, struct str value)
{
    struct parameterize p;
    struct str piece;

    v2_parameterize_begin(&p, value);
    fingerprint_open(f, FINGERPRINT_VALUE);
    while (v2_parameterize_next(&p, &piece))
        fingerprint_put(f, piece);
    fingerprint_close(f);
}

/* Adds one exception; sets *counts unless it is empty. */
static int
add_exception(struct v2_stack *s, struct stackframes *all, struct str object,
              bool *counts, struct error *e)
{
    struct title_exception x = {.found = false};
    struct v2_trace_exception from;
    size_t frames[STACK_VARIANTS];
    struct str error[2];

    if (v2_trace_exception(all->a, object, &from, e) != 0 ||
        v2_title_read(all->a, &from, &x, e) != 0 ||
        ns_error(all->a, from.field[V2_TRACE_MECHANISM], error, e) != 0)
        return -1;
    if (!x.found && from.field[V2_TRACE_STACKTRACE].p == NULL)
        return 0;
    v2_stack_add(s, FINGERPRINT_EXCEPTION, STR(""));
    if (!x.synthetic)
        v2_stack_add(s, FINGERPRINT_TYPE, lasting_type(x.type));
    if (v2_stack_frames(s, all, from.field[V2_TRACE_STACKTRACE], frames, e) != 0)
        return -1;
    for (int i = 0; i < STACK_VARIANTS; i++) {
        if (frames[i] > 0)
            continue;
        fingerprint_add(&s->print[i], FINGERPRINT_ERROR, error[0]);
        fingerprint_add(&s->print[i], FINGERPRINT_ERROR, error[1]);
        if (error[0].p == NULL && x.value.p != NULL)
            add_value(&s->print[i], x.value);
    }
    *counts = *counts || frames[STACK_ALL] > 0 || x.value.p != NULL ||
              error[0].p != NULL || (x.type.p != NULL && !x.synthetic);
    return 0;
}

/* A leaf of a group, with its own fingerprint. */
struct leaf {
    size_t index;
    uint8_t print[STACK_VARIANTS][FINGERPRINT_BYTES];
};

static int
compare_own(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;

    return memcmp(x->print[STACK_OWN], y->print[STACK_OWN], FINGERPRINT_BYTES);
}

static int
compare_all(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;

    return memcmp(x->print[STACK_ALL], y->print[STACK_ALL], FINGERPRINT_BYTES);
}

/* The leaves of a tree, each kind once, in an order derived from their content. */
static int
different_leaves(const struct exception_tree *t, struct stackframes *all,
                 struct leaf **leaves, size_t *count, struct error *e)
{
    enum stack_variant variant = STACK_ALL;
    struct leaf *l = arena_array(all->a, t->leaves, sizeof *l);
    size_t n = 0, kept = 0;
    bool ignored = false;
    struct v2_stack one;

    if (l == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < t->count; i++) {
        if (!t->node[i].is_leaf)
            continue;
        v2_stack_begin(&one);
        if (add_exception(&one, all, t->node[i].object, &ignored, e) != 0)
            return -1;
        if (v2_stack_chosen(&one) == STACK_OWN)
            variant = STACK_OWN;
        l[n].index = i;
        fingerprint_end(&one.print[STACK_OWN], l[n].print[STACK_OWN]);
        fingerprint_end(&one.print[STACK_ALL], l[n].print[STACK_ALL]);
        n++;
    }
    qsort(l, n, sizeof *l, variant == STACK_OWN ? compare_own : compare_all);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || memcmp(l[kept - 1].print[variant], l[i].print[variant],
                             FINGERPRINT_BYTES) != 0)
            l[kept++] = l[i];
    *leaves = l;
    *count = kept;
    return 0;
}

/* Only one kind of leaf: adds it and its causes, in the order of the list, as if there
 * were no group around it. */
static int
add_path(struct v2_stack *s, struct stackframes *all, struct exception_tree *t,
         size_t leaf, bool *counts, struct error *e)
{
    for (size_t i = leaf; i != EXCEPTION_TREE_NONE && !t->node[i].taken;
         i = t->node[i].child)
        t->node[i].taken = true;
    for (size_t i = 0; i < t->count; i++)
        if (t->node[i].taken && add_exception(s, all, t->node[i].object, counts, e) != 0)
            return -1;
    return 0;
}

int
v2_chain_add(struct v2_stack *s, struct stackframes *all, struct str exceptions,
             bool *counts, struct error *e)
{
    struct v2_trace_walk w = v2_trace_begin(exceptions);
    struct leaf *leaves;
    struct str object;
    struct exception_tree t;
    size_t n;

    *counts = false;
    if (v2_exception_tree_read(all->a, exceptions, &t, e) != 0)
        return -1;
    if (t.count == 0) {
        while (v2_trace_next(&w, &object))
            if (add_exception(s, all, object, counts, e) != 0)
                return -1;
        return 0;
    }
    if (different_leaves(&t, all, &leaves, &n, e) != 0)
        return -1;
    if (n == 1)
        return add_path(s, all, &t, leaves[0].index, counts, e);
    for (size_t i = 0; i < n; i++)
        if (add_exception(s, all, t.node[leaves[i].index].object, counts, e) != 0)
            return -1;
    return add_exception(s, all, t.node[t.root].object, counts, e);
}

int
v2_chain_main(struct stackframes *all, struct str exceptions, struct str *out,
              struct error *e)
{
    struct leaf *leaves;
    struct exception_tree t;
    size_t n;

    *out = STR_NONE;
    if (v2_exception_tree_read(all->a, exceptions, &t, e) != 0)
        return -1;
    if (t.count == 0)
        return 0;
    if (different_leaves(&t, all, &leaves, &n, e) != 0)
        return -1;
    if (n == 1)
        *out = t.node[leaves[0].index].object;
    return 0;
}
