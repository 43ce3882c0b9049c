#include "sentry/request.h"

#include "event/event.h"
#include "event/normal.h"
#include "sentry/answer.h"

void
passage_begin(struct passage *w, struct ingest *in, struct ingest_request *rq)
{
    const struct parcel_limits limits = {in->settings.event_max_bytes,
                                         in->settings.attachment_max_bytes,
                                         in->settings.temp_dir};

    *w = (struct passage){.in = in, .rq = rq};
    w->delivery = (struct delivery){.sent_at_us = EVENT_NO_TIME,
                                    .address = rq->address,
                                    .user_agent = rq->user_agent};
    parcel_init(&w->parcel, in->arena, &in->body, &limits);
}

void
passage_introduce(struct passage *w)
{
    struct str at = w->visitor.auth.timestamp;

    w->delivery.project = w->rq->project;
    w->delivery.python = w->visitor.auth.python;
    w->parcel.refuse_events = w->visitor.limited;
    if (w->visitor.limited)
        w->delivery.limited_s = w->visitor.limit.retry_after_s;
    if (at.n > 0 && normal_time_text(at, &w->delivery.sent_at_us) != 0)
        w->delivery.sent_at_us = EVENT_NO_TIME;
}

int
passage_enter(struct passage *w, struct error *e)
{
    if (visitor_require(w->in, w->rq, &w->visitor, e) != 0)
        return -1;
    passage_introduce(w);
    if (!w->visitor.limited)
        return 0;
    *e = w->visitor.limit;
    submit_count_error(w->in->settings.submit, w->rq->project, e);
    return -1;
}

void
passage_end(struct passage *w, int rc, struct answer *a, struct error *e)
{
    if (rc != 0) {
        struct error why = *e;

        if (w->rq->project == 0 &&
            (e->kind == ERROR_UNAUTHORIZED || e->kind == ERROR_FORBIDDEN))
            submit_count(w->in->settings.submit, 0, OUTCOME_UNAUTHORIZED, 1);
        if (w->visitor.known)
            state_charge(w->in, w->rq->project, e);
        if (w->never_limited)
            *e = why;
        sentry_answer_error(a, e);
    } else {
        *e = (struct error){.kind = ERROR_NONE};
    }
    envelope_release(&w->envelope);
    parcel_release(&w->parcel);
    state_tidy(w->in);
}
