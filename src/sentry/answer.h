/*
 * sentry_answer: answers in the words of Sentry's own server (sentry-protocol 2.6, 7.1).
 */
#ifndef MESHER_INGEST_SENTRY_ANSWER_H
#define MESHER_INGEST_SENTRY_ANSWER_H

#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "ingest/answer.h"

/* SDKs drop what they have while a limit holds, so it is said for so long at most. */
#define SENTRY_ANSWER_RETRY_MAX_S 300

/* 200 with {"id":"…"}, or {} when id is NULL. */
void sentry_answer_id(struct answer *a, const struct uuid *id);

/* 200 with the id as text, 8-4-4-4-12. */
void sentry_answer_plain_id(struct answer *a, const struct uuid *id);

/* 200 with the image of one pixel that old clients wait for. */
void sentry_answer_pixel(struct answer *a);

/* Says in an answer of any status which limits hold, for so many seconds: events, and
 * records.  0: no limit. */
void sentry_answer_limits(struct answer *a, int events_s, int records_s);

/* {"detail":"…"}, with "causes" where a text has a reason behind it; the same text for
 * X-Sentry-Error; with ERROR_LIMITED the limit. */
void sentry_answer_error(struct answer *a, const struct error *e);

#endif
