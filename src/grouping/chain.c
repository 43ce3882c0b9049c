#include "grouping/chain.h"

#include <stdlib.h>
#include <string.h>

#include "grouping/exception_tree.h"
#include "grouping/parameterize.h"
#include "grouping/stack.h"
#include "json/json.h"

/* JavaScript's minifiers rename classes, too. */
#define MINIFIED_MAX 2U

/* The chain of an event. */
struct chain {
    struct frames *all;
    struct exception_tree tree;
    bool has_own; /* some exception has a frame of the program */
};

static void
add_value(struct fingerprint *f, struct str value)
{
    struct parameterize p;
    struct str piece;

    parameterize_begin(&p, value);
    fingerprint_open(f, FINGERPRINT_VALUE);
    while (parameterize_next(&p, &piece))
        fingerprint_put(f, piece);
    fingerprint_close(f);
}

static bool
is_suppressed(const struct chain *c, size_t i)
{
    return c->tree.node != NULL && c->tree.node[i].suppressed;
}

/* The type as it counts; absent when the SDK or a minifier made it up. */
static struct str
lasting_type(const struct chain *c, const struct thrown *x)
{
    struct str type = x->synthetic ? STR_NONE : name_type(c->all->language, x->type);

    return c->all->language == LANGUAGE_JAVASCRIPT && type.n <= MINIFIED_MAX ? STR_NONE
                                                                             : type;
}

static bool
is_vague(const struct chain *c, const struct thrown *x)
{
    return name_type_is_vague(c->all->language, x->type) ||
           (c->all->language == LANGUAGE_GO && x->type.p != NULL &&
            name_type(c->all->language, x->type).p != x->type.p) ||
           (c->all->language == LANGUAGE_JAVASCRIPT &&
            ((x->type.p != NULL && x->type.n <= MINIFIED_MAX) ||
             str_starts(x->value, STR("Minified "))));
}

/* Adds what the exception says: the name of an error, else its text. */
static void
add_text(struct fingerprint *f, const struct thrown *x)
{
    fingerprint_add(f, FINGERPRINT_ERROR, x->domain);
    fingerprint_add(f, FINGERPRINT_ERROR, x->code);
    if (x->domain.p == NULL && x->value.p != NULL)
        add_value(f, x->value);
}

/* No exception has a frame of the program. */
static int
add_foreign(struct fingerprint *f, struct chain *c, const struct thrown *x,
            struct error *e)
{
    bool text =
        (x->value.p != NULL || x->domain.p != NULL) && !name_type_is_signal(x->type);
    struct stack_added added;

    if (text)
        add_text(f, x);
    return stack_add(f, c->all, &x->stack, text ? STACK_NEWEST : STACK_ALL, &added, e);
}

/* Adds one exception; sets *counts unless it is empty. */
static int
add_exception(struct fingerprint *f, struct chain *c, size_t i, bool *counts,
              struct error *e)
{
    const struct thrown *x = &c->all->exceptions[i];
    struct stack_added added = {0, false};
    struct str type = lasting_type(c, x);

    if (x->type.p == NULL && x->value.p == NULL && x->stack.count == 0)
        return 0;
    fingerprint_add(f, FINGERPRINT_EXCEPTION, STR(""));
    fingerprint_add(f, FINGERPRINT_TYPE, type);
    *counts = *counts || x->stack.count > 0 || x->value.p != NULL ||
              x->domain.p != NULL || type.p != NULL;
    if (!c->has_own)
        return add_foreign(f, c, x, e);
    if (stack_add(f, c->all, &x->stack, STACK_OWN, &added, e) != 0)
        return -1;
    if (x->stack.count == 0 ||
        (frames_has_own(&x->stack) && (added.says_nothing || is_vague(c, x))))
        add_text(f, x);
    return 0;
}

/* A leaf of a group, with its own fingerprint. */
struct leaf {
    size_t index;
    uint8_t print[FINGERPRINT_BYTES];
};

static int
compare_leaves(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;

    return memcmp(x->print, y->print, FINGERPRINT_BYTES);
}

/* The leaves of a tree, each kind once, in an order derived from their content. */
static int
different_leaves(struct chain *c, struct leaf **leaves, size_t *count, struct error *e)
{
    struct leaf *l = arena_array(c->all->a, c->tree.leaves, sizeof *l);
    size_t n = 0, kept = 0;
    bool ignored = false;
    struct fingerprint one;

    if (l == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < c->all->exception_count; i++) {
        if (!c->tree.node[i].is_leaf)
            continue;
        fingerprint_begin(&one, FINGERPRINT_VERSION, NULL);
        if (add_exception(&one, c, i, &ignored, e) != 0)
            return -1;
        l[n].index = i;
        fingerprint_end(&one, l[n].print);
        n++;
    }
    qsort(l, n, sizeof *l, compare_leaves);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || memcmp(l[kept - 1].print, l[i].print, FINGERPRINT_BYTES) != 0)
            l[kept++] = l[i];
    *leaves = l;
    *count = kept;
    return 0;
}

/* Only one kind of leaf: adds it and its causes, in the order of the list, as if there
 * were no group around it. */
static int
add_path(struct fingerprint *f, struct chain *c, size_t leaf, bool *counts,
         struct error *e)
{
    struct exception_node *node = c->tree.node;

    for (size_t i = leaf; i != EXCEPTION_TREE_NONE && !node[i].taken; i = node[i].child)
        node[i].taken = !node[i].suppressed;
    for (size_t i = 0; i < c->all->exception_count; i++)
        if (node[i].taken && add_exception(f, c, i, counts, e) != 0)
            return -1;
    return 0;
}

static int
open_chain(struct frames *all, struct chain *c, struct error *e)
{
    *c = (struct chain){.all = all};
    if (exception_tree_read(all, &c->tree, e) != 0)
        return -1;
    for (size_t i = 0; i < all->exception_count; i++)
        c->has_own = c->has_own ||
                     (!is_suppressed(c, i) && frames_has_own(&all->exceptions[i].stack));
    return 0;
}

int
chain_add(struct fingerprint *f, struct frames *all, bool *counts, struct error *e)
{
    struct leaf *leaves;
    struct chain c;
    size_t n;

    *counts = false;
    if (open_chain(all, &c, e) != 0)
        return -1;
    if (c.tree.leaves == 0) {
        for (size_t i = 0; i < all->exception_count; i++)
            if (!is_suppressed(&c, i) && add_exception(f, &c, i, counts, e) != 0)
                return -1;
        return 0;
    }
    if (different_leaves(&c, &leaves, &n, e) != 0)
        return -1;
    if (n == 1)
        return add_path(f, &c, leaves[0].index, counts, e);
    for (size_t i = 0; i < n; i++)
        if (add_exception(f, &c, leaves[i].index, counts, e) != 0)
            return -1;
    return add_exception(f, &c, c.tree.root, counts, e);
}

static bool
has_text(const struct thrown *x)
{
    return x->type.p != NULL || x->value.p != NULL;
}

/* React tells that it rendered again, and gives the error as the cause. */
static bool
is_wrapper(const struct chain *c, const struct thrown *x)
{
    static const struct str recovered[] = {
        STR_INIT("There was an error during concurrent rendering but React was able to "),
        STR_INIT("There was an error while hydrating"),
        STR_INIT("Hydration failed because the server rendered HTML didn't match")};

    for (size_t i = 0; i < COUNT_OF(recovered) && c->all->language == LANGUAGE_JAVASCRIPT;
         i++)
        if (str_starts(x->value, recovered[i]))
            return true;
    return name_type_is_wrapper(c->all->language, x->type);
}

int
chain_main(struct frames *all, const struct thrown **out, struct error *e)
{
    struct leaf *leaves;
    struct chain c;
    size_t n, i;

    *out = NULL;
    if (open_chain(all, &c, e) != 0)
        return -1;
    if (c.tree.leaves > 0) {
        if (different_leaves(&c, &leaves, &n, e) != 0)
            return -1;
        if (n == 1)
            *out = &all->exceptions[leaves[0].index];
    }
    for (i = all->exception_count; i > 0 && *out == NULL; i--)
        if (!is_suppressed(&c, i - 1) && has_text(&all->exceptions[i - 1]))
            *out = &all->exceptions[i - 1];
    for (; c.tree.leaves == 0 && *out != NULL && is_wrapper(&c, *out) && i > 0; i--)
        if (!is_suppressed(&c, i - 1) && has_text(&all->exceptions[i - 1]))
            *out = &all->exceptions[i - 1];
    return 0;
}

bool
chain_is_message(const struct frames *all)
{
    const struct thrown *x = &all->exceptions[0];

    return all->exception_count == 1 && x->synthetic && x->type.p == NULL &&
           x->value.p != NULL;
}
