/*
 * reports: users' feedback on an event, and SDKs' reports of events that they did not
 * send.
 */
#ifndef MESHER_EVENT_REPORTS_H
#define MESHER_EVENT_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

/* Texts truncated for their columns; absent when missing or empty. */
struct reports_user {
    bool has_event; /* it names its event */
    struct uuid event_id;
    bool has_id; /* a feedback's own id */
    struct uuid id;
    struct str name, email, comments, url;
};

/* Reads an item of type user_report, or with is_feedback of type feedback.  Returns 0, or
 * -1: ERROR_MALFORMED when it is not a JSON object or is empty, ERROR_UNAVAILABLE. */
int reports_user(struct arena *a, struct str text, bool is_feedback,
                 struct reports_user *out, struct error *e) MUST_CHECK;

/* Passes each quantity of a client report to take, with a reason and a category from a
 * fixed list (anything else is "other").  A text that is not a client report has none.
 * Returns 0, or -1: ERROR_UNAVAILABLE, or take's error. */
typedef int reports_take(void *context, struct str reason, struct str category,
                         int64_t quantity, struct error *e);
int reports_client(struct arena *a, struct str text, reports_take *take, void *context,
                   struct error *e) MUST_CHECK;

#endif
