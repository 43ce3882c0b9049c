/*
 * scrubfile: the projects' scrubbing settings when the database last answered, in a small
 * file of the spool.
 *
 * The file `scrub` in the spool's directory (mode 0600) has a line for each project whose
 * settings are not the default (admit/scrubbing.h): its number and the lines of the
 * settings' text, separated by tabs.  It is written just before the key file, so it is
 * never older; a project that is not in it uses the default.
 */
#ifndef MESHER_OUTAGE_SCRUBFILE_H
#define MESHER_OUTAGE_SCRUBFILE_H

#include <stddef.h>
#include <stdint.h>

#include "admit/scrubbing.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Asks the database and writes the file of the spool in dir, durably, unless its content
 * is unchanged.  Returns 0, or -1: as db_run(), or ERROR_SYSTEM; then the old file is
 * unchanged. */
int scrubfile_renew(const char *dir, struct db *d, struct error *e) MUST_CHECK;

/* Writes the content of b, which scrubfile_add() created. */
int scrubfile_write(const char *dir, const struct buf *b, struct error *e) MUST_CHECK;

/* Appends a project to b; initialises an empty b. */
void scrubfile_add(struct buf *b, int64_t project, const struct scrubbing *w);

/* Finds the settings of a project: writes the text to out, which has room for
 * SCRUBBING_MAX_BYTES, and sets *n.  Returns 0, or -1: ERROR_SYSTEM (no file, or an
 * unreadable one). */
int scrubfile_find(const char *dir, int64_t project, char *out, size_t *n,
                   struct error *e) MUST_CHECK;

#endif
