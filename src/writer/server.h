/*
 * server: the writer's loop: clients, batches, partitions, and an orderly shutdown.
 */
#ifndef MESHER_WRITER_SERVER_H
#define MESHER_WRITER_SERVER_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "setup/options.h"

/* Serves on conf->writer_socket, or on an inherited socket (setup/inherited.h), until
 * SIGTERM or SIGINT; submissions read by then are committed and answered.  Reports
 * readiness through o when the socket listens.  Returns 0, or -1 with ERROR_CONFIG or
 * ERROR_SYSTEM. */
int server_run(const struct conf *conf, const struct options *o,
               struct error *e) MUST_CHECK;

#endif
