/*
 * minidump: POST …/minidump/, which turns a crash report of Crashpad or Breakpad into an
 * event with the dump attached (sentry-protocol 3.1).
 *
 * The dump is a part of a form, or the whole body; one that is a form itself is read as
 * one.  The fields and the files that a crash handler left (sentry/minidump_form.h,
 * sentry/crashfiles.h) become the event; other files become attachments.  These clients
 * retry after a 429, so a project over its limit gets a 200 and the dump is dropped.
 */
#ifndef MESHER_SENTRY_MINIDUMP_H
#define MESHER_SENTRY_MINIDUMP_H

#include "base/error.h"
#include "ingest/answer.h"
#include "ingest/ingest.h"

void minidump_take(struct ingest *in, struct ingest_request *rq, struct answer *a,
                   struct error *e);

#endif
