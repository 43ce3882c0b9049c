/*
 * reload: another configuration for a tree that runs.
 *
 * What did not change goes on; what is new is started, what is gone is stopped, what is
 * different is replaced, one process after the other, with the socket kept open.
 */
#ifndef MESHER_SUPER_RELOAD_H
#define MESHER_SUPER_RELOAD_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "super/tree.h"

/* Makes t's sections those of `new`.  `old` is the configuration in force, NULL for the
 * first: when an option outside the sections has changed, the children that are `rolling`
 * are replaced as well, since it may be theirs.  All sockets are opened first: 0, or -1
 * with e and errno, and then nothing was changed. */
int reload_apply(struct tree *t, const struct conf *old, const struct conf *new,
                 struct error *e) MUST_CHECK;

#endif
