#include "ingest/prepare.h"

#include "base/limits.h"
#include "ingest/body.h"

int
prepare_row(const struct prepare *p, const struct event *ev, const struct uuid *id,
            struct str payload, struct buf *b, struct error *e)
{
    size_t at = frame_item_begin(b), length_at;

    row_add_uuid(b, id);
    row_add_time(b, p->now_us);
    row_add_time(b, ev->timestamp_us);
    row_add_bytes(b, (struct str){(const char *)ev->fingerprint, sizeof ev->fingerprint});
    row_add_bytes(b, ev->level);
    row_add_bytes(b, ev->title);
    row_add_bytes(b, ev->message);
    row_add_bytes(b, ev->culprit);
    row_add_bytes(b, ev->environment);
    row_add_bytes(b, ev->release);
    row_add_bytes(b, ev->platform);
    row_add_bytes(b, ev->transaction);
    row_add_bytes(b, ev->server_name);
    row_add_bytes(b, ev->user_id);
    row_add_jsonb(b, ev->tags);
    length_at = b->n;
    buf_add_be32(b, 0);
    if (pack_add(p->pack, payload, b) != 0)
        return error_no_memory(e);
    buf_set_be32(b, length_at, (uint32_t)(b->n - length_at - 4));
    row_add_bytes(b, ev->type);
    row_add_bytes(b, ev->value);
    row_add_jsonb(b, ev->errors);
    frame_end(b, at);
    return 0;
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
    return e->kind == ERROR_MALFORMED || e->kind == ERROR_TOO_LARGE ||
           e->kind == ERROR_ENCODING;
}

int
prepare_event(const struct prepare *p, struct str text, struct buf *frame,
              struct prepare_id *id, struct error *e)
{
    struct event ev;
    size_t at;

    if (event_parse(p->arena, text, p->now_us, &p->grouping, &ev, e) != 0)
        return -1;
    *id = (struct prepare_id){.id = ev.id, .by_client = ev.has_id};
    if (!ev.has_id && ids_new(p->now_us, &id->id, e) != 0)
        return -1;
    at = begin(p->project, 1, frame);
    if (prepare_row(p, &ev, &id->id, text, frame, e) != 0)
        return -1;
    return end(frame, at, e);
}

/* Parses one of several into the frame; a bad one becomes a charge and keeps its error.
 */
static int
take_item(const struct prepare *p, struct str text, struct buf *frame,
          struct bulk_item *item, struct error *e)
{
    struct event ev;

    item->error = (struct error){.kind = ERROR_NONE};
    if (text.n > LIMIT_EVENT_BYTES) {
        (void)body_too_large(LIMIT_EVENT_BYTES, &item->error);
    } else if (event_parse(p->arena, text, p->now_us, &p->grouping, &ev, &item->error) ==
               0) {
        item->id = ev.id;
        if (!ev.has_id && ids_new(p->now_us, &item->id, e) != 0)
            return -1;
        return prepare_row(p, &ev, &item->id, text, frame, e);
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
             struct buf *frame, struct bulk_item *items, struct error *e)
{
    size_t at = begin(p->project, count, frame), good = 0;

    for (size_t i = 0; i < count; i++) {
        if (take_item(p, texts[i], frame, &items[i], e) != 0)
            return -1;
        good += items[i].error.kind == ERROR_NONE;
    }
    if (good > 0)
        return end(frame, at, e);
    return error_set(e, ERROR_MALFORMED, "no acceptable event; the first: %.120s",
                     items[0].error.text);
}
