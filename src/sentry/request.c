#include "sentry/request.h"

#include "event/event.h"
#include "event/normal.h"
#include "sentry/answer.h"

void
sentry_request_begin(struct sentry_request *w, struct ingest *in,
                     struct ingest_request *rq)
{
    const struct items_limits limits = {in->settings.event_max_bytes,
                                        in->settings.attachment_max_bytes,
                                        in->settings.temp_dir};

    *w = (struct sentry_request){.in = in, .rq = rq};
    w->submission = (struct sentry_submission){.sent_at_us = EVENT_NO_TIME,
                                               .address = rq->address,
                                               .user_agent = rq->user_agent};
    items_init(&w->items, in->arena, &in->body, &limits);
}

void
sentry_request_introduce(struct sentry_request *w)
{
    struct str at = w->auth.auth.timestamp;

    w->submission.project = w->rq->project;
    w->submission.python = w->auth.auth.python;
    w->items.refuse_events = w->auth.limited;
    if (w->auth.limited)
        w->submission.limited_s = w->auth.limit.retry_after_s;
    if (at.n > 0 && normal_time_text(at, &w->submission.sent_at_us) != 0)
        w->submission.sent_at_us = EVENT_NO_TIME;
}

int
sentry_request_enter(struct sentry_request *w, struct error *e)
{
    if (auth_require(w->in, w->rq, &w->auth, e) != 0)
        return -1;
    sentry_request_introduce(w);
    if (!w->auth.limited)
        return 0;
    *e = w->auth.limit;
    submit_count_error(w->in->settings.submit, w->rq->project, e);
    return -1;
}

void
sentry_request_end(struct sentry_request *w, int rc, struct answer *a, struct error *e)
{
    if (rc != 0) {
        struct error why;

        (void)prepare_blame(w->in->arena, e);
        why = *e;
        if (w->rq->project == 0 &&
            (e->kind == ERROR_UNAUTHORIZED || e->kind == ERROR_FORBIDDEN))
            submit_count(w->in->settings.submit, 0, OUTCOME_UNAUTHORIZED, 1);
        if (w->auth.known)
            ingest_charge(w->in, w->rq->project, e);
        if (w->never_limited)
            *e = why;
        sentry_answer_error(a, e);
        if (e->kind == ERROR_LIMITED && w->submission.records_limited_s > 0)
            sentry_answer_limits(a, w->submission.limited_s,
                                 w->submission.records_limited_s);
    } else {
        *e = (struct error){.kind = ERROR_NONE};
    }
    envelope_release(&w->envelope);
    items_release(&w->items);
    ingest_tidy(w->in);
}
