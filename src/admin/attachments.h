/*
 * beside: what is stored beside events, for the administrator: attachments, users'
 * reports, sessions of releases, what SDKs did not send, what is only counted.
 *
 * A project is named by its number or its name, an event by its id.  Every function
 * returns 0, or -1: ERROR_MALFORMED for a text that is no id, ERROR_NOT_FOUND, else as
 * db_run().
 */
#ifndef MESHER_STORE_BESIDE_H
#define MESHER_STORE_BESIDE_H

#include "admin/table.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Attachments that are whole: id, project, event, filename, content_type, type, size,
 * received_at.  Of an event (project NULL: wherever it is), or with event NULL of a
 * project, newest first, at most limit. */
int beside_attachments(struct db *d, const char *event, const char *project,
                       const char *limit, struct table *out, struct error *e) MUST_CHECK;

/* Appends the bytes of an attachment: the one with this id, or with event != NULL the one
 * of that event whose id or file name it is. */
int beside_attachment(struct db *d, const char *event, const char *name,
                      const char *project, struct buf *out, struct error *e) MUST_CHECK;

/* What users wrote about an event: id, source, name, email, comments, url, received_at.
 */
int beside_reports(struct db *d, const char *event, const char *project,
                   struct table *out, struct error *e) MUST_CHECK;

/* Releases with sessions: release, sessions, crashed, errored, abnormal, crash_free_rate,
 * users, first_seen, last_seen, the one seen last first, at most limit. */
int beside_releases(struct db *d, const char *project, const char *limit,
                    struct table *out, struct error *e) MUST_CHECK;

/* One release: the same for each environment, which stands in place of the release. */
int beside_release(struct db *d, const char *project, const char *release,
                   struct table *out, struct error *e) MUST_CHECK;

/* Of a project: reason, category, quantity, last_seen; and type, quantity, last_hour. */
int beside_client_reports(struct db *d, const char *project, struct table *out,
                          struct error *e) MUST_CHECK;
int beside_counts(struct db *d, const char *project, struct table *out,
                  struct error *e) MUST_CHECK;

#endif
