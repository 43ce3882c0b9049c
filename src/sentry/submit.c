#include "sentry/submit.h"

#include "admit/limited.h"
#include "base/limits.h"
#include "event/event.h"
#include "event/security.h"
#include "ingest/internal.h"
#include "sentry/records.h"

#define EVENTS_MAX (LIMIT_ENVELOPE_ITEMS + SECURITY_MAX)

struct run {
    struct ingest *in;
    const struct parcel *parcel;
    struct delivery *d;
    struct prepare prepare;
    struct facts facts;
    struct uuid *ids; /* of the events in the frame, in their order */
    size_t events, bad, refused, transactions;
    bool many;        /* of several reports one after the other is appended */
    size_t taken;     /* things that were stored or counted */
    struct error why; /* of the first bad event */
};

static bool
is_known(const struct run *r, const struct uuid *id)
{
    for (size_t i = 0; i < r->events; i++)
        if (ids_eq(&r->ids[i], id))
            return true;
    return false;
}

/* Appends an event that was parsed.  A second one must have an id of its own, unless it
 * is one of several reports, which have none. */
static int
append(struct run *r, struct event *ev, struct str text, struct error *e)
{
    if (ev->is_transaction) {
        r->transactions++;
        return 0;
    }
    if (r->events > 0 && !r->many && (!ev->has_id || is_known(r, &ev->id)))
        return 0;
    if (r->events == EVENTS_MAX)
        return error_set(e, ERROR_TOO_LARGE, "too many events: limit is %u", EVENTS_MAX);
    if (!ev->has_id && ids_new(r->prepare.now_us, &ev->id, e) != 0)
        return -1;
    if (prepare_row(&r->prepare, ev, &ev->id, text, &r->in->frame, e) != 0)
        return -1;
    r->ids[r->events++] = ev->id;
    return 0;
}

/* One that was malformed does not spoil the others: the first is remembered. */
static int
put_up_with(struct run *r, const struct error *why, struct error *e)
{
    if (why->kind != ERROR_MALFORMED) {
        *e = *why;
        return -1;
    }
    if (r->bad++ == 0)
        r->why = *why;
    return 0;
}

/* Parses a text and appends it to the frame; one that is no event is remembered. */
static int
add_event(struct run *r, struct str text, struct error *e)
{
    const struct delivery *d = r->d;
    const struct event_sentry how = {.has_id = d->has_id && r->events == 0,
                                     .id = d->id,
                                     .strict_id = d->strict_id,
                                     .python = d->python,
                                     .received_at_us = r->prepare.now_us,
                                     .sent_at_us = d->sent_at_us,
                                     .address = d->address,
                                     .grouping = &r->prepare.grouping};
    struct event ev;
    struct error why;

    if (event_parse_sentry(r->prepare.arena, text, &how, &ev, &why) == 0)
        return append(r, &ev, text, e);
    return put_up_with(r, &why, e);
}

static int
add_reports(struct run *r, struct str body, struct error *e)
{
    const struct security_about about = {r->d->release, r->d->environment,
                                         r->d->user_agent};
    struct str texts[SECURITY_MAX];
    struct error why;
    size_t count;

    if (security_events(r->prepare.arena, body, &about, texts, &count, &why) != 0)
        return put_up_with(r, &why, e);
    for (size_t i = 0; i < count; i++) {
        r->many = i > 0;
        if (add_event(r, texts[i], e) != 0)
            return -1;
    }
    r->many = false;
    return 0;
}

/* A dump without an event is one: the program crashed. */
static int
add_crash(struct run *r, struct error *e)
{
    static const struct {
        const char *type;
        const char *event;
    } crashes[] = {
        {"event.minidump",
         "{\"platform\":\"native\",\"level\":\"fatal\",\"exception\":{\"values\":[{"
         "\"type\":\"Minidump\",\"value\":\"Minidump\",\"mechanism\":{\"type\":"
         "\"minidump\",\"handled\":false,\"synthetic\":true}}]}}"},
        {"event.applecrashreport",
         "{\"platform\":\"native\",\"level\":\"fatal\",\"exception\":{\"values\":[{"
         "\"type\":\"AppleCrashReport\",\"value\":\"Apple Crash Report\",\"mechanism\":{"
         "\"type\":\"applecrashreport\",\"handled\":false,\"synthetic\":true}}]}}"}};

    for (const struct parcel_item *item = r->parcel->first; item != NULL;
         item = item->next)
        for (size_t i = 0; i < COUNT_OF(crashes); i++)
            if (item->type->action == ITEMS_ATTACHMENT &&
                str_eq(item->attachment_type, str_of(crashes[i].type)))
                return add_event(r, str_of(crashes[i].event), e);
    return 0;
}

/* An event of a project that was over its limit before it came. */
static void
refuse(struct run *r)
{
    r->refused++;
    submit_count(r->in->settings.submit, r->d->project, OUTCOME_RATE_LIMITED, 1);
}

/* Events first, then a charge for each that was none. */
static int
add_events(struct run *r, struct error *e)
{
    const struct parcel *p = r->parcel;
    bool any = false;

    for (const struct parcel_item *item = p->first; item != NULL; item = item->next) {
        bool is_event = item->type->action == ITEMS_EVENT;

        if (!is_event && item->type->action != ITEMS_SECURITY)
            continue;
        any = true;
        if (item->place == PARCEL_NOWHERE)
            refuse(r);
        else if ((is_event ? add_event : add_reports)(r, parcel_text(p, item), e) != 0)
            return -1;
    }
    if (!any && !p->refuse_events && add_crash(r, e) != 0)
        return -1;
    for (size_t i = 0; i < r->bad; i++)
        frame_charge(&r->in->frame);
    return 0;
}

/* Is there something besides events that is kept? */
static bool
has_other(const struct parcel *p)
{
    for (const struct parcel_item *item = p->first; item != NULL; item = item->next)
        if (item->type->action != ITEMS_EVENT && item->type->action != ITEMS_SECURITY &&
            item->type->action != ITEMS_COUNT)
            return true;
    return false;
}

static int
seconds(const struct verdict *v)
{
    return verdict_retry_after_s(v->retry_ms);
}

/* What a verdict over an event or a charge means for the whole. */
static int
settle_event(struct run *r, const struct verdict *v, struct error *e)
{
    switch (v->status) {
    case VERDICT_STORED:
    case VERDICT_DUPLICATE:
        r->taken++;
        return 0;
    case VERDICT_LIMITED:
        r->refused++;
        r->d->limited_s = seconds(v);
        return 0;
    case VERDICT_NO_PROJECT:
    case VERDICT_POISON:
    case VERDICT_UNAVAILABLE:
        break;
    }
    return door_verdict_error(v, e);
}

/* A record that the database would not have is lost, and no reason to refuse the rest. */
static int
settle_record(struct run *r, const struct verdict *v, struct error *e)
{
    if (v->status == VERDICT_LIMITED) {
        r->d->records_limited_s = seconds(v);
        return 0;
    }
    if (v->status == VERDICT_STORED && v->retry_ms > 0)
        r->d->limited_s = seconds(v);
    r->taken += v->status == VERDICT_STORED;
    return v->status == VERDICT_UNAVAILABLE || v->status == VERDICT_NO_PROJECT
               ? door_verdict_error(v, e)
               : 0;
}

/* Runs the frame: events and charges come first in it. */
static int
submit(struct run *r, size_t charged, size_t count, struct error *e)
{
    struct verdict *v = arena_array(r->prepare.arena, count, sizeof *v);
    struct error worst = {.kind = ERROR_NONE};

    if (v == NULL)
        return error_no_memory(e);
    if (state_submit(r->in, r->d->project, v, count, charged, e) != 0)
        return -1;
    for (size_t i = r->events; i < charged; i++)
        if (v[i].status != VERDICT_LIMITED)
            submit_count_error(r->in->settings.submit, r->d->project, &r->why);
    for (size_t i = 0; i < count; i++) {
        struct error one;
        int rc =
            i < charged ? settle_event(r, &v[i], &one) : settle_record(r, &v[i], &one);

        /* What can be tried again is to be said rather than what cannot. */
        if (rc != 0 && worst.kind != ERROR_UNAVAILABLE)
            worst = one;
    }
    if (worst.kind == ERROR_NONE)
        return 0;
    *e = worst;
    return -1;
}

static size_t
begin_frame(struct run *r)
{
    struct buf *b = &r->in->frame;
    size_t at;

    buf_clear(b, SIZE_MAX);
    at = frame_begin(b, FRAME_SUBMIT, 0);
    frame_submission_head(b, r->d->project, 0, 0);
    return at;
}

static int
end_frame(struct run *r, size_t at, bool records, size_t count, struct error *e)
{
    frame_set_submission(&r->in->frame, records ? FRAME_RECORDS : 0, count);
    frame_end(&r->in->frame, at);
    return r->in->frame.failed ? error_no_memory(e) : 0;
}

/* One frame after the other with the chunks of an attachment. */
static int
send_attachment(struct run *r, const struct parcel_item *item, struct error *e)
{
    size_t chunk = 0, chunks = facts_chunks(item);

    while (chunk < chunks && r->d->records_limited_s == 0) {
        size_t at = begin_frame(r);

        r->facts.count = 0;
        if (facts_add_chunks(&r->facts, r->parcel, item, &chunk, e) != 0 ||
            end_frame(r, at, true, r->facts.count, e) != 0 ||
            submit(r, 0, r->facts.count, e) != 0)
            return -1;
    }
    return 0;
}

/* Without its event an attachment is not kept, but it may come in an envelope before. */
static int
send_attachments(struct run *r, struct error *e)
{
    if (!r->d->has_id || r->refused > 0 || (r->events == 0 && r->bad > 0))
        return 0;
    for (const struct parcel_item *item = r->parcel->first; item != NULL;
         item = item->next)
        if (item->type->action == ITEMS_ATTACHMENT && item->place != PARCEL_NOWHERE &&
            send_attachment(r, item, e) != 0)
            return -1;
    return 0;
}

static int
send_first(struct run *r, struct error *e)
{
    size_t at = begin_frame(r), charged;

    if (add_events(r, e) != 0)
        return -1;
    if (r->events == 0 && r->bad > 0 && !has_other(r->parcel)) {
        *e = r->why;
        return -1;
    }
    charged = r->events + r->bad;
    if (!r->d->has_id && r->events > 0) {
        r->d->has_id = true;
        r->d->id = r->ids[0];
    }
    r->facts.has_event = r->d->has_id;
    r->facts.event_id = r->d->id;
    if (facts_add(&r->facts, r->parcel, r->transactions, e) != 0)
        return -1;
    if (charged + r->facts.count == 0)
        return 0;
    if (end_frame(r, at, r->facts.count > 0, charged + r->facts.count, e) != 0)
        return -1;
    return submit(r, charged, charged + r->facts.count, e);
}

int
delivery_run(struct ingest *in, const struct parcel *p, struct delivery *d,
             struct error *e)
{
    struct run r = {.in = in,
                    .parcel = p,
                    .d = d,
                    .prepare = state_prepare(in, d->project),
                    .ids = arena_array(in->arena, EVENTS_MAX, sizeof(struct uuid))};

    if (r.ids == NULL)
        return error_no_memory(e);
    r.facts = (struct facts){.arena = in->arena,
                             .frame = &in->frame,
                             .received_at_us = r.prepare.now_us,
                             .sent_at_us = d->sent_at_us};
    if (send_first(&r, e) != 0 || send_attachments(&r, e) != 0)
        return -1;
    if (r.refused == 0 || r.taken > 0)
        return 0;
    error_set(e, ERROR_LIMITED, "rate limited");
    e->retry_after_s = d->limited_s;
    return -1;
}
