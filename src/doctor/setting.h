/*
 * setting: the settings of PostgreSQL that affect durability or speed, and how to change
 * them.
 */
#ifndef MESHER_DOCTOR_SETTING_H
#define MESHER_DOCTOR_SETTING_H

#include <stdint.h>

#include "admin/server_info.h"
#include "base/compat.h"
#include "doctor/doctor.h"

/* Checks each of them, with its value for the role or the database if that is set. */
void setting_check_all(struct doctor *d, const struct server_info_server *s);

/* Returns the number of connections that this configuration opens at once; sets *handlers
 * to the number that WebSockets may open in addition. */
int64_t setting_connections(const struct conf *conf, int64_t *handlers) MUST_CHECK;

#endif
