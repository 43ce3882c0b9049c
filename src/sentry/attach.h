/*
 * attach: POST …/events/ID/attachments/, which adds files to an event.
 *
 * Each part of the form is a file, which is named like its field when it has no name of
 * its own.  The event may come later, as with an envelope of attachments alone
 * (sentry-protocol 5.5).
 */
#ifndef MESHER_SENTRY_ATTACH_H
#define MESHER_SENTRY_ATTACH_H

#include "base/error.h"
#include "ingest/answer.h"
#include "ingest/ingest.h"

void attach_take(struct ingest *in, struct ingest_request *rq, struct answer *a,
                 struct error *e);

#endif
