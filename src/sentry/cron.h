/*
 * cron: …/cron/SLUG/KEY/ and …/cron/SLUG/, which take a check-in of a monitor
 * (sentry-protocol 3.2), for curl in a crontab.
 *
 * The values are in the query, or in a body, which is a JSON object and takes precedence.
 * The answer is 202 without a body once the check-in is stored.
 */
#ifndef MESHER_SENTRY_CRON_H
#define MESHER_SENTRY_CRON_H

#include "base/error.h"
#include "ingest/answer.h"
#include "ingest/ingest.h"

/* POST, and GET, whose body is not read. */
void cron_take(struct ingest *in, struct ingest_request *rq, struct answer *a,
               struct error *e);
void cron_take_query(struct ingest *in, struct ingest_request *rq, struct answer *a,
                     struct error *e);

#endif
