/*
 * service: a `child` section of the configuration with its listening socket and its
 * processes.
 *
 * The socket belongs to the section and not to a process: while one is replaced,
 * connections wait.
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
    bool been_up; /* all of them were ready, or had done their work, at one time */
    bool leaving; /* is in the configuration no more */
    size_t count; /* of children, those that are surplus included */
    struct child children[CHILDCONF_INSTANCES_MAX];
};

/* Takes a copy of conf; the socket is not open yet.  Gives it for service_free(), or NULL
 * (ENOMEM). */
struct service *service_new(const struct childconf *conf) MUST_CHECK;

/* Closes the socket, without removing it, and frees s; NULL is allowed. */
void service_free(struct service *s);

/* Opens the socket that its conf asks for.  0, or -1 with e and errno. */
int service_listen(struct service *s, struct error *e) MUST_CHECK;

/* Closes the socket and removes its file. */
void service_unlisten(struct service *s);

/* Takes over the open socket of another section, and gives it the mode and the backlog
 * that it is to have here.  0, or -1 with e; then nothing was changed. */
int service_take_socket(struct service *s, struct service *from,
                        struct error *e) MUST_CHECK;

/* Processes that its conf asks for, and the number in the name of the first. */
size_t service_wanted(const struct childconf *conf) MUST_CHECK;

/* Makes as many children as its conf asks for; those beyond are surplus. */
void service_resize(struct service *s);

/* Is nothing of it there: no process, nothing that one has left? */
bool service_is_gone(const struct service *s, const struct leftovers *l) MUST_CHECK;

/* Are all its children ready, or done? */
bool service_is_up(const struct service *s) MUST_CHECK;

#endif
