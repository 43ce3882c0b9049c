/*
 * webconf: finds the configuration file of the web server that runs on this machine, by
 * its processes (proc(5)).
 */
#ifndef MESHER_DOCTOR_WEBCONF_H
#define MESHER_DOCTOR_WEBCONF_H

#include <limits.h>
#include <stdbool.h>

#include "base/compat.h"
#include "doctor/webserver.h"

struct webconf {
    char path[PATH_MAX];
    char root[PATH_MAX]; /* where relative names in it begin; "": at its directory */
};

/* Finds the configuration of the server of this kind that listens on the TCP port.  If
 * that cannot be seen (the sockets of others are root's to see), it is the only one that
 * runs, or the only one whose configuration has this number.  Returns false if there is
 * none, or several. */
bool webconf_find(enum webserver server, unsigned port, struct webconf *out) MUST_CHECK;

#endif
