/*
 * reports: what users write about an event, and what SDKs say that they did not send.
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

/* Texts cut for their columns; absent when not given or empty. */
struct reports_user {
    bool has_event; /* it names the event that it is about */
    struct uuid event_id;
    bool has_id; /* a feedback's own id */
    struct uuid id;
    struct str name, email, comments, url;
};

/* Reads an item of type user_report, or with is_feedback of type feedback.  Returns 0, or
 * -1: ERROR_MALFORMED when it is no JSON object or says nothing, ERROR_UNAVAILABLE. */
int reports_user(struct arena *a, struct str text, bool is_feedback,
                 struct reports_user *out, struct error *e) MUST_CHECK;

/* Gives each quantity of a client report to take, with a reason and a category out of a
 * fixed list (what is not in it is "other").  What is no client report has none.  Returns
 * 0, or -1: ERROR_UNAVAILABLE, or what take gave. */
typedef int reports_take(void *context, struct str reason, struct str category,
                         int64_t quantity, struct error *e);
int reports_client(struct arena *a, struct str text, reports_take *take, void *context,
                   struct error *e) MUST_CHECK;

#endif
