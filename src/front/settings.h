/*
 * settings: the configuration as the parts behind the fronts want it.
 */
#ifndef MESHER_FRONT_SETTINGS_H
#define MESHER_FRONT_SETTINGS_H

#include <stdbool.h>

#include "base/compat.h"
#include "setup/conf.h"
#include "submit/submit.h"

/* For submit_new(); conf is kept by it.  one_shot: a process that serves one request.
 * chores: it does them (submit/idle_maintenance.h). */
struct submit_settings settings_submit(const struct conf *conf, bool one_shot,
                                       bool chores) MUST_CHECK;

#endif
