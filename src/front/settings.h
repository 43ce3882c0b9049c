/*
 * settings: converts the configuration to the settings of the modules behind the fronts.
 */
#ifndef MESHER_FRONT_SETTINGS_H
#define MESHER_FRONT_SETTINGS_H

#include <stdbool.h>

#include "base/compat.h"
#include "setup/conf.h"
#include "submit/submit.h"

/* For submit_new(), which keeps conf.  one_shot: a one-request process.  maintenance: it
 * runs maintenance (submit/idle_maintenance.h). */
struct submit_settings settings_submit(const struct conf *conf, bool one_shot,
                                       bool maintenance) MUST_CHECK;

#endif
