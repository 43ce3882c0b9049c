/*
 * attachments: attachments and user reports of events, for the administrator.
 *
 * A project is given by number or name, an event by id.  Every function returns 0, or
 * -1: ERROR_MALFORMED for a text that is not an id, ERROR_NOT_FOUND, otherwise as
 * db_run().
 */
#ifndef MESHER_ADMIN_ATTACHMENTS_H
#define MESHER_ADMIN_ATTACHMENTS_H

#include "admin/table.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Lists complete attachments: id, project, event, filename, content_type, type, size,
 * received_at.  Lists those of an event (project NULL: in any project) or, with event
 * NULL, those of a project; newest first, at most limit. */
int attachments_list(struct db *d, const char *event, const char *project,
                     const char *limit, struct table *out, struct error *e) MUST_CHECK;

/* Appends the bytes of an attachment: the one with this id or, with event != NULL, the
 * one of that event with this id or file name. */
int attachments_read(struct db *d, const char *event, const char *name,
                     const char *project, struct buf *out, struct error *e) MUST_CHECK;

/* Lists user reports about an event: id, source, name, email, comments, url,
 * received_at. */
int attachments_user_reports(struct db *d, const char *event, const char *project,
                             struct table *out, struct error *e) MUST_CHECK;

#endif
