/*
 * setting: which of PostgreSQL's settings cost durability or speed, and how to change
 * them.
 */
#ifndef MESHER_DOCTOR_SETTING_H
#define MESHER_DOCTOR_SETTING_H

#include <stdint.h>

#include "admin/server_info.h"
#include "base/compat.h"
#include "doctor/doctor.h"

/* Looks at each of them; one that was set for the role or the database counts. */
void setting_check_all(struct doctor *d, const struct checkup_server *s);

/* How many connections this configuration opens at once; *handlers is set to how many
 * more WebSockets may open. */
int64_t setting_connections(const struct conf *conf, int64_t *handlers) MUST_CHECK;

#endif
