#include "super/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A section of the new tree. */
struct entry {
    const struct childconf *conf;
    struct service *kept;  /* continues under this section's name, or NULL */
    struct service *made;  /* is new, or carries the socket for `kept`; or NULL */
    struct service *donor; /* whose socket `made` has taken, or NULL */
};

/* Numbered children and a single one have different names, so they are different
 * sections. */
static bool
can_go_on(const struct service *s, const struct childconf *conf)
{
    return !s->leaving && strcmp(s->conf.name, conf->name) == 0 &&
           (s->conf.instances == 0) == (conf->instances == 0);
}

static struct service *
find_kept(const struct tree *t, const struct childconf *conf)
{
    for (size_t i = 0; i < t->count; i++)
        if (can_go_on(t->services[i], conf))
            return t->services[i];
    return NULL;
}

static struct service *
find_socket(const struct tree *t, const char *address)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->services[i]->listen_fd >= 0 &&
            strcmp(t->services[i]->conf.listen, address) == 0)
            return t->services[i];
    return NULL;
}

static bool
same_socket(const struct childconf *a, const struct childconf *b)
{
    return strcmp(a->listen, b->listen) == 0 && a->listen_mode == b->listen_mode &&
           a->listen_backlog == b->listen_backlog;
}

/* Opens, or takes over, the socket of the section. */
static int
prepare(const struct tree *t, const struct childconf *conf, struct entry *out,
        struct error *e)
{
    struct service *donor = conf->listen[0] == '\0' ? NULL : find_socket(t, conf->listen);

    *out = (struct entry){.conf = conf, .kept = find_kept(t, conf)};
    if (out->kept != NULL && same_socket(&out->kept->conf, conf))
        return 0;
    out->made = service_new(conf);
    if (out->made == NULL)
        return error_set(e, ERROR_SYSTEM, "out of memory");
    if (donor == NULL)
        return service_listen(out->made, e);
    if (service_take_socket(out->made, donor, e) != 0)
        return -1;
    out->donor = donor;
    return 0;
}

/* Returns sockets to their owners, closes opened ones. */
static void
undo(struct entry *entries, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        struct entry *n = &entries[i - 1];
        struct error ignored;

        if (n->donor != NULL && service_take_socket(n->donor, n->made, &ignored) != 0) {
            n->donor->listen_fd = n->made->listen_fd;
            n->made->listen_fd = -1;
        }
        if (n->made != NULL)
            service_unlisten(n->made);
        service_free(n->made);
    }
}

static void
replace_all(struct service *s)
{
    for (size_t i = 0; i < s->count; i++)
        s->children[i].replace = s->begun && !s->children[i].surplus;
}

/* The same section, perhaps with other values. */
static struct service *
go_on(struct entry *n, bool options_changed)
{
    struct service *s = n->kept;
    bool same = childconf_same(&s->conf, n->conf);
    size_t count = s->count;

    if (n->made != NULL) {
        service_unlisten(s);
        s->listen_fd = n->made->listen_fd;
        n->made->listen_fd = -1;
        service_free(n->made);
    }
    childconf_release(&s->conf);
    s->conf = childconf_copy(n->conf);
    service_resize(s);
    for (size_t i = count; i < s->count && s->begun; i++)
        child_wait(&s->children[i], 0);
    if (!same || (options_changed && s->conf.rolling))
        replace_all(s);
    for (size_t i = 0; i < s->count; i++)
        if (s->children[i].state == CHILD_FAILED)
            s->children[i].replace = true;
    return s;
}

static bool
is_kept(const struct service *s, const struct entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (entries[i].kept == s)
            return true;
    return false;
}

static bool
owns(const struct service *s, const struct child *c)
{
    for (size_t i = 0; i < s->count; i++)
        if (&s->children[i] == c)
            return true;
    return false;
}

/* Sets the new order; removed sections come last and so are stopped first. */
static void
commit(struct tree *t, struct entry *entries, size_t count, bool options_changed)
{
    struct service *order[TREE_SERVICES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        order[n++] = entries[i].kept == NULL ? entries[i].made
                                             : go_on(&entries[i], options_changed);
    for (size_t i = 0; i < t->count; i++) {
        struct service *s = t->services[i];

        if (is_kept(s, entries, count))
            continue;
        s->leaving = true;
        if (t->rolling != NULL && owns(s, t->rolling))
            t->rolling = NULL;
        order[n++] = s;
    }
    for (t->count = 0; t->count < n; t->count++)
        t->services[t->count] = order[t->count];
    t->roll_error = (struct error){.kind = ERROR_NONE};
}

int
reload_apply(struct tree *t, const struct conf *old, const struct conf *new,
             struct error *e)
{
    const struct childconf_list *l = &new->children;
    struct entry entries[CHILDCONF_SECTIONS_MAX];
    size_t done = 0;
    int rc = 0;

    if (t->count + l->count > TREE_SERVICES_MAX)
        return error_set(e, ERROR_UNAVAILABLE, "still busy with the last change");
    while (rc == 0 && done < l->count) {
        rc = prepare(t, &l->all[done], &entries[done], e);
        done++;
    }
    if (rc != 0) {
        int saved = errno;

        undo(entries, done);
        errno = saved;
        return -1;
    }
    commit(t, entries, done, old != NULL && !conf_same(old, new));
    intensity_set(&t->intensity, (size_t) new->restart_max, new->restart_window * 1000);
    return 0;
}
