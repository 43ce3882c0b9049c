#include "event/event.h"

#include <string.h>

#include "base/budget.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "event/normal.h"
#include "event/security.h"
#include "event/work.h"
#include "json/json.h"
#include "json/repair.h"
#include "json/scan.h"

#define MINUTE_US INT64_C(60000000)
#define DAY_US (1440 * MINUTE_US)

/* sentry-protocol 6.4: smaller differences between clocks are ignored; events that are
 * older than PAST_US, or further in the future, are dated now. */
#define DRIFT_US (55 * MINUTE_US)
#define PAST_US (30 * DAY_US)
#define FUTURE_US MINUTE_US

static int
bad_id(struct work *w, struct str sent, struct error *e)
{
    if (w->sentry == NULL || w->sentry->strict_id)
        return members_bad(MEMBER_EVENT_ID, "a UUID: 32 hexadecimal digits", e);
    notes_add(&w->notes, NOTES_INVALID, members_name(MEMBER_EVENT_ID), sent);
    return 0;
}

static int
read_id(struct work *w, struct event *out, struct error *e)
{
    struct str sent = w->member[MEMBER_EVENT_ID], text;

    if (json_scalar(w->a, sent, &text, e) != 0)
        return -1;
    if (w->sentry != NULL && w->sentry->has_id) {
        out->has_id = true;
        out->id = w->sentry->id;
        return 0;
    }
    if (sent.p == NULL)
        return 0;
    if (text.p != NULL && w->sentry != NULL)
        text = ids_bare(text);
    if (text.p == NULL || ids_parse(text, &out->id) != 0)
        return bad_id(w, sent, e);
    out->has_id = !ids_is_nil(&out->id);
    return 0;
}

/* Corrects the time: first by the known error of the sender's clock, then to the range of
 * plausible times. */
static void
place_in_time(struct work *w, struct event *out)
{
    const struct event_sentry *s = w->sentry;
    struct str sent = w->member[MEMBER_TIMESTAMP], name = members_name(MEMBER_TIMESTAMP);
    int64_t drift_us = 0;

    if (s->sent_at_us != EVENT_NO_TIME)
        drift_us = s->received_at_us - s->sent_at_us;
    if (drift_us >= DRIFT_US || drift_us <= -DRIFT_US) {
        out->timestamp_us += drift_us;
        notes_add(&w->notes, NOTES_DRIFT, name, sent);
    }
    if (out->timestamp_us < s->received_at_us - PAST_US)
        notes_add(&w->notes, NOTES_PAST, name, sent);
    else if (out->timestamp_us > s->received_at_us + FUTURE_US)
        notes_add(&w->notes, NOTES_FUTURE, name, sent);
    else
        return;
    out->timestamp_us = s->received_at_us;
}

static int
read_time(struct work *w, struct event *out, struct error *e)
{
    struct str value = w->member[MEMBER_TIMESTAMP], text;
    int result;

    if (value.p == NULL)
        return 0;
    if (scan_type(value) == SCAN_NUMBER) {
        result = normal_time_number(value, &out->timestamp_us);
    } else {
        if (json_string(w->a, value, &text, e) != 0)
            return -1;
        result = normal_time_text(text, &out->timestamp_us);
    }
    if (result != 0 && w->sentry == NULL)
        return members_bad(MEMBER_TIMESTAMP,
                           "a time: RFC 3339 or seconds, years 1 to 9999", e);
    if (result != 0)
        notes_add(&w->notes, NOTES_INVALID, members_name(MEMBER_TIMESTAMP), value);
    else if (w->sentry != NULL)
        place_in_time(w, out);
    return 0;
}

static int
read_level(struct work *w, struct event *out, struct error *e)
{
    struct str sent = w->member[MEMBER_LEVEL], text;

    if (json_scalar(w->a, sent, &text, e) != 0)
        return -1;
    out->level = STR("error");
    if (text.p == NULL)
        return 0;
    out->level =
        w->sentry == NULL ? normal_level(text) : normal_level_sentry(utf8_trim(text));
    if (out->level.p != NULL)
        return 0;
    if (w->sentry == NULL)
        return members_bad(MEMBER_LEVEL, "one of fatal, error, warning, info, debug", e);
    out->level = STR("error");
    notes_add(&w->notes, NOTES_INVALID, members_name(MEMBER_LEVEL), sent);
    return 0;
}

static int
read_message(struct work *w, struct error *e)
{
    static const enum member from[] = {MEMBER_LOGENTRY, MEMBER_SENTRY_MESSAGE,
                                       MEMBER_MESSAGE};

    /* A native client's message comes first. */
    static const enum member native[] = {MEMBER_MESSAGE, MEMBER_LOGENTRY,
                                         MEMBER_SENTRY_MESSAGE};

    bool lenient = w->sentry != NULL;

    budget_doing("reading the message");
    for (size_t i = 0; i < COUNT_OF(from) && w->message.text.p == NULL; i++)
        if (logentry_read(w->a, w->member[lenient ? from[i] : native[i]], lenient,
                          &w->message, e) != 0)
            return -1;
    return 0;
}

/* Reads the list of m, or of its old name; an invalid one is noted or refused. */
static int
read_list(struct work *w, enum member m, enum member old, struct str *out,
          struct error *e)
{
    const enum member from[] = {m, old};

    bool odd;

    for (size_t i = 0; i < COUNT_OF(from) && out->p == NULL; i++) {
        struct str sent = w->member[from[i]];

        if (trace_list(w->a, sent, out, &odd, e) != 0)
            return -1;
        if (odd && w->sentry == NULL && from[i] == MEMBER_EXCEPTION)
            return members_bad(from[i], "a list of exceptions", e);
        if (odd && w->sentry != NULL)
            notes_add(&w->notes, NOTES_INVALID, members_name(from[i]), sent);
    }
    return 0;
}

static bool
has_object(struct str list)
{
    struct trace_walk w = trace_begin(list);
    struct str object;

    return trace_next(&w, &object);
}

static int
read_trace(struct work *w, struct error *e)
{
    struct trace *t = &w->trace;
    struct str stack = w->member[MEMBER_STACKTRACE];

    budget_doing("reading exceptions and threads");
    if (read_list(w, MEMBER_EXCEPTION, MEMBER_SENTRY_EXCEPTION, &t->exceptions, e) != 0 ||
        read_list(w, MEMBER_THREADS, MEMBER_SENTRY_THREADS, &t->threads, e) != 0 ||
        json_scalar(w->a, w->member[MEMBER_PLATFORM], &t->platform, e) != 0 ||
        title_exception(w->a, t->exceptions, &w->exception, e) != 0)
        return -1;
    t->stacktrace = stack.p != NULL ? stack : w->member[MEMBER_SENTRY_STACKTRACE];
    /* Under the native rules any exception counts, but a bare object must have
     * content. */
    w->has_exception = w->exception.found;
    if (w->sentry == NULL && t->exceptions.p != NULL &&
        (t->exceptions.p != w->member[MEMBER_EXCEPTION].p ||
         scan_type(t->exceptions) == SCAN_ARRAY))
        w->has_exception = has_object(t->exceptions);
    return 0;
}

static int
read_one_report(struct work *w, enum security_kind kind, struct str report,
                struct error *e)
{
    struct security_text text;

    w->report_kind = security_name(kind);
    if (security_title(w->a, kind, report, &text, e) != 0)
        return -1;
    w->report = text.title;
    w->report_grouped = text.grouped;
    w->blamed = text.culprit;
    return 0;
}

/* Reads a browser's report, if the event is one; it replaces the message. */
static int
read_report(struct work *w, struct error *e)
{
    static const struct {
        enum member member;
        enum security_kind kind;
    } reports[] = {{MEMBER_CSP, SECURITY_CSP},
                   {MEMBER_SENTRY_CSP, SECURITY_CSP},
                   {MEMBER_EXPECT_CT, SECURITY_EXPECT_CT},
                   {MEMBER_EXPECT_STAPLE, SECURITY_EXPECT_STAPLE},
                   {MEMBER_HPKP, SECURITY_HPKP}};

    for (size_t i = 0; i < COUNT_OF(reports) && w->report.p == NULL; i++)
        if (w->member[reports[i].member].p != NULL &&
            read_one_report(w, reports[i].kind, w->member[reports[i].member], e) != 0)
            return -1;
    if (w->message.text.p == NULL)
        w->message.text = w->report;
    return 0;
}

/* The page or the request on which the event happened. */
static int
request_url(struct work *w, struct str *out, struct error *e)
{
    static const struct str name = STR_INIT("url");
    struct str request = w->member[MEMBER_REQUEST], value;

    if (request.p == NULL)
        request = w->member[MEMBER_SENTRY_REQUEST];
    if (request.p == NULL)
        return 0;
    if (json_pick(w->a, request, &name, 1, &value, e) != 0)
        return -1;
    if (trace_text(w->a, value, out, e) != 0)
        return -1;
    *out = normal_url(*out);
    return 0;
}

/* The culprit, if the client did not send one: the code, else the page. */
static int
make_culprit(struct work *w, struct event *out, struct error *e)
{
    struct str made = w->blamed;

    if (out->culprit.p == NULL)
        out->culprit = out->transaction;
    if (out->culprit.p != NULL)
        return 0;
    if (made.n == 0 && title_culprit(w->a, w->frames, &w->exception, &made, e) != 0)
        return -1;
    if (made.n == 0 && !w->exception.synthetic && request_url(w, &made, e) != 0)
        return -1;
    if (made.n == 0)
        return 0;
    if (normal_urls(w->a, made, &made) != 0)
        return error_no_memory(e);
    return utf8_cut(w->a, made, LIMIT_CULPRIT_CHARS, &out->culprit) == 0
               ? 0
               : error_no_memory(e);
}

static int
name_it(struct work *w, struct event *out, struct error *e)
{
    budget_doing("making the title");
    if (w->named.p != NULL) {
        out->title = normal_first_line(w->named);
    } else if (w->exception.found) {
        if (title_of_exception(w->a, w->frames, &w->exception, &out->title, e) != 0)
            return -1;
    } else if (w->has_exception) {
        out->title = STR("Error");
    } else {
        out->title = w->report.p != NULL ? w->report : normal_first_line(w->message.text);
    }
    if (out->title.n == 0)
        out->title = STR("<unlabeled event>");
    if (utf8_cut(w->a, out->title, LIMIT_TITLE_CHARS, &out->title) != 0)
        return error_no_memory(e);
    return make_culprit(w, out, e);
}

/* The order matters: the columns need the message first. */
static int
take_apart(struct work *w, struct event *out, struct error *e)
{
    struct str type;

    if (read_id(w, out, e) != 0 || read_time(w, out, e) != 0 ||
        read_level(w, out, e) != 0 || read_message(w, e) != 0 || read_trace(w, e) != 0 ||
        json_scalar(w->a, w->member[MEMBER_TYPE], &type, e) != 0)
        return -1;
    out->is_transaction = str_eq(type, STR("transaction"));
    if (w->sentry == NULL && w->message.text.p == NULL && !w->has_exception)
        return error_set(e, ERROR_MALFORMED, "missing required field: message");
    out->template = w->message.template;
    return read_report(w, e) != 0 ? -1 : columns_read(w, out, e);
}

int
event_finish(struct work *w, struct event *out, struct error *e)
{
    if (name_it(w, out, e) != 0)
        return -1;
    return notes_text(&w->notes, &out->errors, e);
}

static int
open_object(struct str json, struct str *object, struct error *e)
{
    if (scan_blank(json))
        return error_set(e, ERROR_MALFORMED, "empty body");
    if (scan_value(json, LIMIT_JSON_DEPTH, object, e) != 0)
        return -1;
    if (scan_type(*object) != SCAN_OBJECT)
        return error_set(e, ERROR_MALFORMED, "an event must be a JSON object, got %s",
                         scan_type_name(scan_type(*object)));
    return 0;
}

int
event_parse(struct work *w, struct arena *a, struct str json, int64_t received_at_us,
            struct event *out, struct error *e)
{
    struct str object = STR_NONE;

    *w = (struct work){.a = a};
    *out = (struct event){.timestamp_us = received_at_us};
    notes_init(&w->notes, a);
    if (open_object(json, &object, e) != 0 ||
        members_read(a, object, NULL, w->member, e) != 0)
        return -1;
    return take_apart(w, out, e);
}

int
event_parse_sentry(struct work *w, struct arena *a, struct str json,
                   const struct event_sentry *how, struct event *out, struct error *e)
{
    struct str object = STR_NONE, repaired;
    struct error other;

    *w = (struct work){.a = a, .sentry = how};
    *out = (struct event){.timestamp_us = how->received_at_us};
    notes_init(&w->notes, a);
    if (open_object(json, &object, e) != 0) {
        if (repair_text(a, json, how->python, &repaired, &other) != 0) {
            *e = other;
            return -1;
        }
        if (repaired.p == json.p || open_object(repaired, &object, &other) != 0)
            return -1; /* describes the text as it was sent */
        *e = (struct error){.kind = ERROR_NONE};
    }
    if (members_read(a, object, &w->notes, w->member, e) != 0)
        return -1;
    return take_apart(w, out, e);
}

bool
event_find_id(struct arena *a, struct str json, struct uuid *out)
{
    static const struct str name = STR_INIT("event_id");
    struct str object, value, text;
    struct error ignored;

    return scan_value(json, LIMIT_JSON_DEPTH, &object, &ignored) == 0 &&
           scan_type(object) == SCAN_OBJECT &&
           json_pick(a, object, &name, 1, &value, &ignored) == 0 &&
           json_scalar(a, value, &text, &ignored) == 0 && text.p != NULL &&
           ids_parse(text, out) == 0 && !ids_is_nil(out);
}
