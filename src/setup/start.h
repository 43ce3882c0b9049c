/*
 * start: the common start of the programs other than mesherctl: options, configuration,
 * log.
 */
#ifndef MESHER_SETUP_START_H
#define MESHER_SETUP_START_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "setup/options.h"

/* The program itself; returns 0, or -1 with e. */
typedef int start_main(const struct conf *conf, const struct options *options,
                       struct error *e);

/* getenv(3), passed to modules that read the environment. */
conf_getenv start_environment;

/* Keeps glibc from raising its limits after the first large block that is freed: it would
 * never return that memory to the system.  For processes that stay; start_run() has done
 * it. */
void start_bound_heap(void);

/* Reads argv and the configuration, opens the log under name and runs the program.
 * Returns its exit status: 0, ERROR_EXIT_CONFIG or ERROR_EXIT_SYSTEM; errors are
 * logged. */
int start_run(int argc, char *const argv[], const char *name, const char *usage,
              start_main *program) MUST_CHECK;

#endif
