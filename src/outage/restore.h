/*
 * restore: stores the content of the spool in the database.
 *
 * The frames of files become items of a batch (store/batch.h).  Events are settled when
 * their project no longer wants them, when they are stored already or when the database
 * refuses them as data; the others keep their file.
 */
#ifndef MESHER_OUTAGE_RESTORE_H
#define MESHER_OUTAGE_RESTORE_H

#include "base/compat.h"
#include "spool/replay.h"
#include "spool/spool.h"
#include "store/batch.h"

/* Creates a replay of the spool through the batch; keeps both.  Returns an object to be
 * freed with replay_free(), or NULL (ENOMEM). */
struct replay *restore_new(struct spool *spool, struct batch *batch) MUST_CHECK;

#endif
