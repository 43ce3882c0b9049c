/*
 * reload: applies a new configuration to a running tree.
 *
 * Unchanged children keep running, new ones are started, removed ones are stopped, and
 * changed ones are replaced one process at a time, with the socket kept open.
 */
#ifndef MESHER_SUPER_RELOAD_H
#define MESHER_SUPER_RELOAD_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "super/tree.h"

/* Changes t's sections to those of `new`.  `old` is the configuration in force, NULL for
 * the first: if an option outside the sections has changed, the children that are
 * `rolling` are replaced as well, since it may affect them.  All sockets are opened
 * first.  Returns 0, or -1 with e and errno; then nothing was changed. */
int reload_apply(struct tree *t, const struct conf *old, const struct conf *new,
                 struct error *e) MUST_CHECK;

#endif
