/*
 * service: a `child` section of the configuration, with its listening socket and its
 * processes.
 *
 * The socket belongs to the section rather than to a process: while a process is
 * replaced, connections wait.
 */
#ifndef MESHER_SUPER_SERVICE_H
#define MESHER_SUPER_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "super/child.h"

struct service {
    struct childconf conf;
    int listen_fd;
    bool begun;   /* its processes are meant to run */
    bool been_up; /* all of them were ready, or had finished, at one time */
    bool leaving; /* was removed from the configuration */
    size_t count; /* number of children, including surplus ones */
    struct child children[CHILDCONF_INSTANCES_MAX];
};

/* Creates a section with a copy of conf; the socket is not open yet.  Returns an object
 * to be freed with service_free(), or NULL (ENOMEM). */
struct service *service_new(const struct childconf *conf) MUST_CHECK;

/* Closes the socket, without removing its file, and frees s, which may be NULL. */
void service_free(struct service *s);

/* Opens the socket that its conf asks for.  Returns 0, or -1 with e and errno. */
int service_listen(struct service *s, struct error *e) MUST_CHECK;

/* Closes the socket and removes its file. */
void service_unlisten(struct service *s);

/* Takes over the open socket of another section, and applies the mode and backlog of this
 * one.  Returns 0, or -1 with e; then nothing was changed. */
int service_take_socket(struct service *s, struct service *from,
                        struct error *e) MUST_CHECK;

/* Return the number of processes that its conf asks for, and the number in the name of
 * the first. */
size_t service_wanted(const struct childconf *conf) MUST_CHECK;

/* Creates as many children as its conf asks for; marks those beyond as surplus. */
void service_resize(struct service *s);

/* Returns whether it has no process left, nor leftovers of one. */
bool service_is_gone(const struct service *s, const struct leftovers *l) MUST_CHECK;

/* Returns whether all its children are ready, or done. */
bool service_is_up(const struct service *s) MUST_CHECK;

#endif
