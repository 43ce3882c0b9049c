/*
 * supervisor: mesherd's loop over signals, children, the control socket and systemd.
 */
#ifndef MESHER_SUPER_SUPERVISOR_H
#define MESHER_SUPER_SUPERVISOR_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "setup/options.h"

/* Runs the children of conf until a signal, a request or too many restarts stop them;
 * returns when all of them have exited.  conf_path (or NULL) is read again on SIGHUP; env
 * provides the environment.  Returns 0, or -1 with ERROR_CONFIG or ERROR_SYSTEM. */
int supervisor_run(const struct conf *conf, const struct options *o, conf_getenv *env,
                   struct error *e) MUST_CHECK;

#endif
