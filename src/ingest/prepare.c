#include "ingest/prepare.h"

#include "base/budget.h"
#include "base/limits.h"
#include "grouping_v2/v2.h"
#include "ingest/access.h"
#include "ingest/body.h"
#include "json/scan.h"

static int
add_payload(struct pack *pack, struct str payload, struct buf *b, struct error *e)
{
    size_t length_at = b->n;

    buf_add_be32(b, 0);
    if (pack_add(pack, payload, b) != 0)
        return error_no_memory(e);
    buf_set_be32(b, length_at, (uint32_t)(b->n - length_at - 4));
    return 0;
}

/* How to add a field, by the kind of its column. */
#define ADD_UUID(NAME, column) row_add_uuid(b, id)
#define ADD_TIME(NAME, column) row_add_time(b, TIME_##NAME)
#define ADD_BYTES(NAME, column) row_add_bytes(b, STR_OF_ARRAY(ev->column))
#define ADD_TEXT(NAME, column) row_add_bytes(b, ev->column)
#define ADD_OBJECT(NAME, column) row_add_jsonb(b, ev->column)
#define ADD_LIST(NAME, column) row_add_jsonb(b, ev->column)
#define ADD_PAYLOAD(NAME, column) rc = add_payload(p->pack, payload, b, e)
#define TIME_TIMESTAMP ev->timestamp_us
#define TIME_RECEIVED_AT p->now_us
#define STR_OF_ARRAY(array) ((struct str){(const char *)(array), sizeof(array)})

#define ADD_FIELD(number, NAME, column, kind, ...) \
    case ROW_##NAME:                               \
        ADD_##kind(NAME, column);                  \
        break;

int
prepare_row(const struct prepare *p, const struct event *ev, const struct uuid *id,
            struct str payload, struct buf *b, struct error *e)
{
    size_t at = frame_item_begin(b);
    int rc = 0;

    for (unsigned f = 0; rc == 0 && f < N_ROW_FIELDS; f++)
        switch ((enum row_field)f) {
            EVENT_COLUMNS(ADD_FIELD)
        }
    if (rc != 0)
        return -1;
    if (ev->has_old_fingerprint)
        row_add_old_fingerprint(b, ev->old_fingerprint);
    frame_end(b, at);
    return 0;
}

void
prepare_settings(struct prepare *p, struct access *access)
{
    bool old_issues;

    access_settings(access, p->project, &p->filters, &old_issues);
    p->grouping.older = old_issues ? grouping_v2 : NULL;
}

int
prepare_scrub(const struct prepare *p, struct str text, struct scrub_result *out,
              struct error *e)
{
    text = scan_skip_mark(text);
    if (p->scrub != NULL)
        return scrub_json(p->scrub, p->arena, text, out, e);
    *out = (struct scrub_result){.text = text};
    return 0;
}

int
prepare_filter(const struct prepare *p, bool report, const struct event *ev,
               struct str text, enum filter *out, struct error *e)
{
    const struct filter_settings s = {p->filters, report};

    return filter_find(p->arena, &s, ev, text, out, e);
}

/* Refuses an event that the project does not want. */
static int
check_filters(const struct prepare *p, const struct event *ev, struct str text,
              struct error *e)
{
    enum filter f;

    if (prepare_filter(p, false, ev, text, &f, e) != 0)
        return -1;
    if (f == FILTER_NONE)
        return 0;
    error_set(e, ERROR_FILTERED, "filtered: %s", filter_name(f));
    e->filter = (int)f;
    return -1;
}

bool
prepare_is_changed(const struct scrub_result *scrubbed, struct str text)
{
    return scrubbed->removed > 0 || scrubbed->text.p != text.p;
}

/* Parses a scrubbed text; errors describe the text as it was sent. */
static int
parse(const struct prepare *p, struct str text, struct scrub_result *scrubbed,
      struct event *ev, struct error *e)
{
    if (prepare_scrub(p, text, scrubbed, e) != 0)
        return -1;
    if (grouping_parse(p->arena, scrubbed->text, p->now_us, &p->grouping, ev, e) == 0)
        return check_filters(p, ev, scrubbed->text, e) != 0
                   ? -1
                   : scrub_notes(p->arena, scrubbed, &ev->errors, e);
    if (e->kind == ERROR_MALFORMED && prepare_is_changed(scrubbed, text)) {
        struct error sent = *e;

        if (grouping_parse(p->arena, text, p->now_us, &p->grouping, ev, &sent) != 0)
            *e = sent;
    }
    return -1;
}

static size_t
begin(int64_t project, size_t count, struct buf *frame)
{
    size_t at;

    buf_clear(frame, SIZE_MAX);
    at = frame_begin(frame, FRAME_SUBMIT, 0);
    frame_submission_head(frame, project, 0, count);
    return at;
}

static int
end(struct buf *frame, size_t at, struct error *e)
{
    frame_end(frame, at);
    return frame->failed ? error_no_memory(e) : 0;
}

void
prepare_charge(int64_t project, struct buf *frame)
{
    size_t at = begin(project, 1, frame);

    frame_charge(frame);
    frame_end(frame, at);
}

bool
prepare_is_charged(const struct error *e)
{
    return e->kind == ERROR_MALFORMED || e->kind == ERROR_COSTLY ||
           e->kind == ERROR_TOO_LARGE || e->kind == ERROR_ENCODING ||
           e->kind == ERROR_FILTERED;
}

int
prepare_blame(const struct arena *a, struct error *e)
{
    struct error costly;

    bool parsing =
        e->kind == ERROR_MALFORMED || e->kind == ERROR_TOO_LARGE || error_is_no_memory(e);

    if (parsing && budget_check(&costly) != 0)
        *e = costly;
    else if (error_is_no_memory(e) && arena_is_full(a))
        error_set(e, ERROR_TOO_LARGE,
                  "payload too large: reading it takes more memory than a request has");
    return -1;
}

int
prepare_event(const struct prepare *p, struct str text, struct buf *frame,
              struct prepare_id *id, struct error *e)
{
    struct scrub_result scrubbed;
    struct event ev;
    size_t at;

    if (parse(p, text, &scrubbed, &ev, e) != 0 || budget_check(e) != 0)
        return prepare_blame(p->arena, e);
    *id = (struct prepare_id){.id = ev.id, .by_client = ev.has_id};
    if (!ev.has_id && ids_new(p->now_us, &id->id, e) != 0)
        return -1;
    at = begin(p->project, 1, frame);
    if (prepare_row(p, &ev, &id->id, scrubbed.text, frame, e) != 0)
        return -1;
    return end(frame, at, e);
}

/* Parses one of several texts into the frame; an invalid one becomes a charge and keeps
 * its error. */
static int
take_item(const struct prepare *p, struct str text, struct buf *frame,
          struct bulk_entry *item, struct error *e)
{
    struct scrub_result scrubbed;
    struct event ev;

    item->error = (struct error){.kind = ERROR_NONE};
    if (text.n > LIMIT_EVENT_BYTES) {
        (void)body_too_large(LIMIT_EVENT_BYTES, &item->error);
    } else if (parse(p, text, &scrubbed, &ev, &item->error) == 0 &&
               budget_check(&item->error) == 0) {
        item->id = ev.id;
        if (!ev.has_id && ids_new(p->now_us, &item->id, e) != 0)
            return -1;
        return prepare_row(p, &ev, &item->id, scrubbed.text, frame, e);
    } else {
        (void)prepare_blame(p->arena, &item->error);
    }
    if (item->error.kind == ERROR_UNAVAILABLE) {
        *e = item->error;
        return -1;
    }
    frame_charge(frame);
    return 0;
}

int
prepare_bulk(const struct prepare *p, const struct str *texts, size_t count,
             struct buf *frame, struct bulk_entry *items, struct error *e)
{
    size_t at = begin(p->project, count, frame), good = 0;

    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(p->arena);
        int rc = take_item(p, texts[i], frame, &items[i], e);

        arena_rewind(p->arena, mark);
        if (rc != 0)
            return -1;
        good += items[i].error.kind == ERROR_NONE;
    }
    if (good > 0)
        return end(frame, at, e);
    return error_set(e, ERROR_MALFORMED, "no valid event; the first error: %.120s",
                     items[0].error.text);
}
