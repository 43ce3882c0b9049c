/*
 * options: the command line shared by the long-running programs.
 *
 * --conf FILE, --ready-fd N, --foreground, --help, --version.
 */
#ifndef MESHER_SETUP_OPTIONS_H
#define MESHER_SETUP_OPTIONS_H

#include "base/compat.h"
#include "setup/conf.h"

struct options {
    const char *conf_path; /* NULL: defaults and environment only */
    int ready_fd; /* -1: none; the program writes a newline there when it is ready */
};

/* Reads argv; prints usage for --help and after a mistake.  Returns 0 when the program
 * should continue, 1 when it is done (help, version: exit 0) and -1 for wrong usage (exit
 * 100). */
int options_read(int argc, char *const argv[], const char *usage,
                 struct options *out) MUST_CHECK;

/* Returns the configuration file to use: the one given, else MESHER_CONF, else the
 * compiled-in path if it exists, else NULL. */
const char *options_conf_path(const char *given, conf_getenv *env) MUST_CHECK;

/* Reports on o->ready_fd that the program is ready, and closes it. */
void options_say_ready(const struct options *o);

#endif
