#include "super/service.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"

struct service *
service_new(const struct childconf *conf)
{
    struct service *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->conf = childconf_copy(conf);
    s->listen_fd = -1;
    service_resize(s);
    return s;
}

void
service_free(struct service *s)
{
    if (s == NULL)
        return;
    if (s->listen_fd >= 0)
        (void)close(s->listen_fd);
    childconf_release(&s->conf);
    free(s);
}

int
service_listen(struct service *s, struct error *e)
{
    if (s->conf.listen[0] == '\0' || s->listen_fd >= 0)
        return 0;
    s->listen_fd = address_listen(s->conf.listen, (unsigned)s->conf.listen_mode,
                                  (int)s->conf.listen_backlog, e);
    return s->listen_fd < 0 ? -1 : 0;
}

void
service_unlisten(struct service *s)
{
    if (s->listen_fd < 0)
        return;
    (void)close(s->listen_fd);
    s->listen_fd = -1;
    if (s->conf.listen[0] == '/')
        (void)unlink(s->conf.listen);
}

int
service_take_socket(struct service *s, struct service *from, struct error *e)
{
    if ((s->conf.listen[0] == '/' &&
         chmod(s->conf.listen, (mode_t)s->conf.listen_mode) != 0) ||
        listen(from->listen_fd, (int)s->conf.listen_backlog) != 0)
        return error_errno(e, s->conf.listen);
    s->listen_fd = from->listen_fd;
    from->listen_fd = -1;
    return 0;
}

size_t
service_wanted(const struct childconf *conf)
{
    return conf->instances == 0 ? 1 : (size_t)conf->instances;
}

void
service_resize(struct service *s)
{
    size_t wanted = service_wanted(&s->conf);

    for (size_t i = 0; i < s->count; i++)
        s->children[i].surplus = i >= wanted;
    for (; s->count < wanted; s->count++)
        child_init(&s->children[s->count], &s->conf, &s->listen_fd,
                   s->conf.instances == 0 ? 0 : (int)s->count + 1);
}

bool
service_is_gone(const struct service *s, const struct leftovers *l)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->children[i].state != CHILD_DOWN || leftovers_has(l, &s->children[i]))
            return false;
    return true;
}

bool
service_is_up(const struct service *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (!s->children[i].surplus && s->children[i].state != CHILD_UP &&
            s->children[i].state != CHILD_DONE)
            return false;
    return true;
}
