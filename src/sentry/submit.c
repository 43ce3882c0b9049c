#include "sentry/submit.h"

#include "admit/limited.h"
#include "base/budget.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "event/event.h"
#include "event/security.h"
#include "ingest/internal.h"
#include "json/merge.h"
#include "sentry/crashfiles.h"
#include "sentry/records.h"

#define EVENTS_MAX (LIMIT_ENVELOPE_ITEMS + SECURITY_MAX)

struct run {
    struct ingest *in;
    const struct items *items;
    struct sentry_submission *d;
    struct prepare prepare;
    struct sentry_records records;
    struct uuid *ids; /* of the events in the frame, in their order */
    size_t events, bad, refused, transactions;
    size_t filtered;           /* events that the project does not want */
    size_t filters[N_FILTERS]; /* the same by filter */
    struct uuid filtered_id;   /* of one of them */
    bool report;               /* a browser's report is being appended */
    bool many;                 /* one of several reports is being appended */
    struct error why;          /* error of the first invalid event */
};

static bool
is_known(const struct run *r, const struct uuid *id)
{
    for (size_t i = 0; i < r->events; i++)
        if (ids_eq(&r->ids[i], id))
            return true;
    return false;
}

/* Replaces "{{auto}}" in the text by the address that it asks for, so that all who read
 * the event see it. */
static int
put_address(struct run *r, const struct event *ev, struct str *text, struct error *e)
{
    const char *at = ev->address_at.p;
    struct buf b = buf_init(text->n + 2 * LIMIT_KIB);
    int rc = 0;

    /* It may stand in a decoded text. */
    if (at == NULL || ev->address.n == 0 || at < text->p || at >= text->p + text->n)
        return 0;
    buf_add(&b, text->p, (size_t)(at - text->p));
    jsonout_string(&b, ev->address);
    at += ev->address_at.n;
    buf_add(&b, at, (size_t)(text->p + text->n - at));
    if (b.failed || arena_copy(r->prepare.arena, buf_str(&b), text) != 0)
        rc = error_no_memory(e);
    buf_release(&b);
    return rc;
}

/* Appends a parsed event.  A second one must have an id of its own, unless it is one of
 * several reports, which have none. */
static int
append(struct run *r, struct event *ev, struct str text, struct error *e)
{
    enum filter f;

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
    if (prepare_filter(&r->prepare, r->report, ev, text, &f, e) != 0)
        return -1;
    if (f != FILTER_NONE) {
        r->filters[f]++;
        r->filtered++;
        r->filtered_id = ev->id;
        return 0;
    }
    if (put_address(r, ev, &text, e) != 0 ||
        prepare_row(&r->prepare, ev, &ev->id, text, &r->in->frame, e) != 0)
        return -1;
    r->ids[r->events++] = ev->id;
    return 0;
}

/* An invalid event does not affect the others: the first error is remembered. */
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

static bool
hides_addresses(const struct run *r)
{
    return r->prepare.scrub != NULL && scrub_hides_addresses(r->prepare.scrub);
}

/* Scrubs and parses a text and appends it to the frame; remembers an invalid one. */
static int
add_event(struct run *r, struct str text, struct error *e)
{
    const struct sentry_submission *d = r->d;
    const struct event_sentry how = {.has_id = d->has_id && r->events == 0,
                                     .id = d->id,
                                     .strict_id = d->strict_id,
                                     .python = d->python,
                                     .received_at_us = r->prepare.now_us,
                                     .sent_at_us = d->sent_at_us,
                                     .address =
                                         hides_addresses(r) ? STR_NONE : d->address};
    struct scrub_result scrubbed;
    struct event ev;
    struct error why;

    if (prepare_scrub(&r->prepare, text, &scrubbed, e) != 0)
        return -1;
    if (grouping_parse_sentry(r->prepare.arena, scrubbed.text, &how, &r->prepare.grouping,
                              &ev, &why) == 0)
        return scrub_notes(r->prepare.arena, &scrubbed, &ev.errors, e) == 0
                   ? append(r, &ev, scrubbed.text, e)
                   : -1;
    /* Errors describe the text as it was sent. */
    if (why.kind == ERROR_MALFORMED && prepare_is_changed(&scrubbed, text)) {
        struct error sent = why;

        if (grouping_parse_sentry(r->prepare.arena, text, &how, &r->prepare.grouping, &ev,
                                  &sent) != 0)
            why = sent;
    }
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
    r->report = true;
    for (size_t i = 0; i < count; i++) {
        r->many = i > 0;
        if (add_event(r, texts[i], e) != 0)
            return -1;
    }
    r->many = r->report = false;
    return 0;
}

/* Returns the exception of the first dump among the attachments, NULL without one. */
static const char *
find_crash(const struct items *p)
{
    static const struct {
        const char *type;
        const char *exception;
    } crashes[] = {
        {"event.minidump",
         "{\"exception\":{\"values\":[{\"type\":\"Minidump\",\"value\":\"Minidump\","
         "\"mechanism\":{\"type\":\"minidump\",\"handled\":false,\"synthetic\":true}}]}"
         "}"},
        {"event.applecrashreport",
         "{\"exception\":{\"values\":[{\"type\":\"AppleCrashReport\",\"value\":\"Apple "
         "Crash Report\",\"mechanism\":{\"type\":\"applecrashreport\",\"handled\":false,"
         "\"synthetic\":true}}]}}"}};

    for (const struct collected_item *item = p->first; item != NULL; item = item->next)
        for (size_t i = 0; i < COUNT_OF(crashes); i++)
            if (item->type->action == ITEM_ATTACHMENT &&
                str_eq(item->attachment_type, str_of(crashes[i].type)))
                return crashes[i].exception;
    return NULL;
}

/* A dump without an event becomes one, with what its handler left: the program crashed.
 * Breadcrumbs alone are no event. */
static int
add_crash(struct run *r, struct error *e)
{
    struct crashfiles files;
    struct str parts[CRASHFILES_MAX + 3], event;
    const char *exception = find_crash(r->items);
    size_t n = 0;

    if (crashfiles_read(r->items, &files, e) != 0)
        return -1;
    if (exception == NULL && !files.has_event)
        return 0;
    parts[n++] = exception != NULL ? str_of(exception) : STR("{}");
    for (size_t i = 0; i < files.count; i++)
        parts[n++] = files.object[i];
    parts[n++] = exception != NULL ? STR("{\"platform\":\"native\",\"level\":\"fatal\"}")
                                   : STR("{\"platform\":\"native\"}");
    if (merge_objects(r->prepare.arena, parts, n, &event, e) != 0)
        return -1;
    if (event.n <= r->items->limits.event_max_bytes) {
        crashfiles_taken(&files);
        return add_event(r, event, e);
    }
    /* Too large with the files, which stay attachments. */
    parts[1] = parts[n - 1];
    if (exception == NULL || merge_objects(r->prepare.arena, parts, 2, &event, e) != 0)
        return exception == NULL ? 0 : -1;
    return add_event(r, event, e);
}

/* Refuses an event of a project that was over its limit before it arrived. */
static void
refuse(struct run *r)
{
    r->refused++;
    submit_count(r->in->settings.submit, r->d->project, OUTCOME_RATE_LIMITED, 1);
}

/* Events first, then a charge for each invalid one, and for each that is not wanted. */
static int
add_events(struct run *r, struct error *e)
{
    const struct items *p = r->items;
    bool any = false;

    for (const struct collected_item *item = p->first; item != NULL; item = item->next) {
        bool is_event = item->type->action == ITEM_EVENT;

        if (!is_event && item->type->action != ITEM_SECURITY)
            continue;
        any = true;
        if (item->place == ITEMS_IN_NOWHERE)
            refuse(r);
        else if ((is_event ? add_event : add_reports)(r, items_text(p, item), e) != 0)
            return -1;
    }
    if (!any && !p->refuse_events && add_crash(r, e) != 0)
        return -1;
    for (size_t i = 0; i < r->bad + r->filtered; i++)
        frame_charge(&r->in->frame);
    return 0;
}

/* Returns whether there are items besides events to store. */
static bool
has_other(const struct items *p)
{
    for (const struct collected_item *item = p->first; item != NULL; item = item->next)
        if (item->type->action != ITEM_EVENT && item->type->action != ITEM_SECURITY &&
            item->type->action != ITEM_COUNTED)
            return true;
    return false;
}

static int
seconds(const struct verdict *v)
{
    return limited_retry_after_s(v->retry_ms);
}

/* Applies the verdict of an event or a charge to the whole request. */
static int
settle_event(struct run *r, const struct verdict *v, struct error *e)
{
    switch (v->status) {
    case VERDICT_STORED:
    case VERDICT_DUPLICATE:
        r->d->taken++;
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
    return access_verdict_error(v, e);
}

/* A record refused by the database is lost, which is no reason to refuse the rest. */
static int
settle_record(struct run *r, const struct verdict *v, struct error *e)
{
    if (v->status == VERDICT_LIMITED) {
        r->d->records_limited_s = seconds(v);
        return 0;
    }
    if (v->status == VERDICT_STORED && v->retry_ms > 0)
        r->d->limited_s = seconds(v);
    r->d->taken += v->status == VERDICT_STORED;
    return v->status == VERDICT_UNAVAILABLE || v->status == VERDICT_NO_PROJECT
               ? access_verdict_error(v, e)
               : 0;
}

/* Runs the frame, in which events and charges come first. */
/* Counts the charges: of invalid events, then of those that are not wanted. */
static void
count_refused(const struct run *r, const struct verdict *v)
{
    struct submit *s = r->in->settings.submit;
    size_t i = r->events;

    for (; i < r->events + r->bad; i++)
        if (v[i].status != VERDICT_LIMITED)
            submit_count_error(s, r->d->project, &r->why);
    for (int f = 1; f < N_FILTERS; f++)
        for (size_t n = 0; n < r->filters[f]; n++, i++)
            if (v[i].status != VERDICT_LIMITED)
                submit_count(s, r->d->project, outcomes_of_filter(f), 1);
}

/* Counts check-ins that the limit refused; v: the verdicts of the records. */
static void
count_check_ins(const struct run *r, const struct verdict *v)
{
    int64_t n = 0;

    for (size_t i = 0; i < r->records.check_ins; i++)
        n += v[i].status == VERDICT_LIMITED;
    if (n > 0)
        submit_count(r->in->settings.submit, r->d->project, OUTCOME_CHECK_IN_LIMITED, n);
}

static int
submit(struct run *r, size_t charged, size_t count, struct error *e)
{
    struct verdict *v = arena_array(r->prepare.arena, count, sizeof *v);
    struct error worst = {.kind = ERROR_NONE};

    if (v == NULL)
        return error_no_memory(e);
    if (ingest_submit(r->in, r->d->project, v, count, charged, e) != 0)
        return -1;
    if (charged > 0)
        count_refused(r, v);
    count_check_ins(r, v + charged);
    for (size_t i = 0; i < count; i++) {
        struct error one;
        int rc =
            i < charged ? settle_event(r, &v[i], &one) : settle_record(r, &v[i], &one);

        /* Errors that allow another try take precedence over final ones. */
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
    if (budget_check(e) != 0)
        return -1;
    return r->in->frame.failed ? error_no_memory(e) : 0;
}

/* Sends the chunks of an attachment, one frame after another. */
static int
send_attachment(struct run *r, const struct collected_item *item, struct error *e)
{
    size_t chunk = 0, chunks = sentry_records_chunks(item);

    while (chunk < chunks && r->d->records_limited_s == 0) {
        size_t at = begin_frame(r);

        r->records.count = r->records.check_ins = 0;
        if (sentry_records_add_chunks(&r->records, r->items, item, &chunk, e) != 0 ||
            end_frame(r, at, true, r->records.count, e) != 0 ||
            submit(r, 0, r->records.count, e) != 0)
            return -1;
    }
    return 0;
}

/* An attachment is not stored without its event, which may however arrive in a later
 * envelope. */
static int
send_attachments(struct run *r, struct error *e)
{
    if (!r->d->has_id || r->refused > 0 || (r->events == 0 && r->bad + r->filtered > 0))
        return 0;
    for (const struct collected_item *item = r->items->first; item != NULL;
         item = item->next) {
        if (item->type->action != ITEM_ATTACHMENT || item->place == ITEMS_IN_NOWHERE)
            continue;
        if (send_attachment(r, item, e) != 0)
            return -1;
        if (r->d->records_limited_s > 0)
            submit_count(r->in->settings.submit, r->d->project,
                         OUTCOME_ATTACHMENT_LIMITED, 1);
    }
    return 0;
}

static int
send_first(struct run *r, struct error *e)
{
    size_t at = begin_frame(r), charged;

    if (add_events(r, e) != 0)
        return -1;
    if (r->events + r->filtered == 0 && r->bad > 0 && !has_other(r->items)) {
        *e = r->why;
        return -1;
    }
    charged = r->events + r->bad + r->filtered;
    if (!r->d->has_id && r->events + r->filtered > 0) {
        r->d->has_id = true;
        r->d->id = r->events > 0 ? r->ids[0] : r->filtered_id;
    }
    r->records.has_event = r->d->has_id;
    r->records.event_id = r->d->id;
    if (sentry_records_add(&r->records, r->items, r->transactions, e) != 0)
        return -1;
    if (r->records.sessions_dropped > 0)
        submit_count(r->in->settings.submit, r->d->project, OUTCOME_SESSION_OLD,
                     r->records.sessions_dropped);
    if (r->records.check_ins_invalid > 0)
        submit_count(r->in->settings.submit, r->d->project, OUTCOME_CHECK_IN_INVALID,
                     r->records.check_ins_invalid);
    if (charged + r->records.count == 0)
        return 0;
    if (end_frame(r, at, r->records.count > 0, charged + r->records.count, e) != 0)
        return -1;
    return submit(r, charged, charged + r->records.count, e);
}

int
sentry_submit(struct ingest *in, const struct items *p, struct sentry_submission *d,
              struct error *e)
{
    struct run r = {.in = in,
                    .items = p,
                    .d = d,
                    .ids = arena_array(in->arena, EVENTS_MAX, sizeof(struct uuid))};

    if (r.ids == NULL)
        return error_no_memory(e);
    if (ingest_prepare(in, d->project, &r.prepare, e) != 0)
        return -1;
    r.records = (struct sentry_records){.arena = in->arena,
                                        .frame = &in->frame,
                                        .scrub = r.prepare.scrub,
                                        .received_at_us = r.prepare.now_us,
                                        .sent_at_us = d->sent_at_us};
    if (send_first(&r, e) != 0 || send_attachments(&r, e) != 0)
        return -1;
    if ((r.refused == 0 && d->records_limited_s == 0) || d->taken > 0)
        return 0;
    error_set(e, ERROR_LIMITED, "rate limited");
    e->retry_after_s = r.refused > 0 ? d->limited_s : d->records_limited_s;
    return -1;
}
