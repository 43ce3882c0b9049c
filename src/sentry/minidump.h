/*
 * minidump: POST …/minidump/: a crash report of Crashpad or Breakpad as an event with the
 * dump attached (sentry-protocol 3.1).
 *
 * The dump is a part of a form, or the whole body.  Fields of the form named "sentry" are
 * the event as JSON, "sentry[NAME]" members of it, all others go to its extra; other
 * files become attachments.  These clients come again when they are told 429, so a
 * project over its limit gets a 200 and the dump is dropped.
 */
#ifndef MESHER_INGEST_MINIDUMP_H
#define MESHER_INGEST_MINIDUMP_H

#include "base/error.h"
#include "ingest/answer.h"
#include "ingest/ingest.h"

void minidump_take(struct ingest *in, struct ingest_request *rq, struct answer *a,
                   struct error *e);

#endif
