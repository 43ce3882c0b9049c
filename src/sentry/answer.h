/*
 * answer: answers in the words of Sentry's own server (sentry-protocol 2.6, 7.1).
 */
#ifndef MESHER_SENTRY_ANSWER_H
#define MESHER_SENTRY_ANSWER_H

#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "ingest/answer.h"

/* SDKs drop all they have while a limit holds, so an answer never announces a longer
 * one. */
#define SENTRY_ANSWER_RETRY_MAX_S 300

/* 200 with {"id":"…"}, or {} when id is NULL. */
void sentry_answer_id(struct answer *a, const struct uuid *id);

/* 200 with the id as text, 8-4-4-4-12. */
void sentry_answer_plain_id(struct answer *a, const struct uuid *id);

/* 200 with the one-pixel image that old clients expect. */
void sentry_answer_pixel(struct answer *a);

/* Announces, in an answer of any status, how many seconds the limits of events and of
 * records hold.  0: no limit. */
void sentry_answer_limits(struct answer *a, int events_s, int records_s);

/* {"detail":"…"}, with "causes" if the text includes a reason; the same text in
 * X-Sentry-Error; with ERROR_LIMITED also the limit. */
void sentry_answer_error(struct answer *a, const struct error *e);

#endif
