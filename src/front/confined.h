/*
 * confined: the files and system calls that a front needs after its start, derived from
 * the configuration.
 */
#ifndef MESHER_FRONT_CONFINED_H
#define MESHER_FRONT_CONFINED_H

#include "base/confine.h"
#include "setup/conf.h"

/* Drops all other privileges for good, unless `confine` is off, and logs the measures in
 * force.  Call it once everything that is opened only once is open. */
void confined_begin(const struct conf *conf, enum confine_program program);

#endif
