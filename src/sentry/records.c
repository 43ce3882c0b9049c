#include "sentry/records.h"

#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "event/checkin.h"
#include "event/release_health.h"
#include "event/reports.h"
#include "json/scan.h"
#include "wire/frame.h"

#define HOUR_US INT64_C(3600000000)
#define TYPES_MAX 64U
#define FULL_BYTES (512 * LIMIT_KIB)

/* One submission must leave room for its other items. */
#define RECORDS_MAX (FRAME_MAX_ITEMS - LIMIT_ENVELOPE_ITEMS)

/* Begins a record with this id, or with a new one. */
static int
begin(struct sentry_records *f, enum record_kind kind, const struct uuid *id, size_t *at,
      struct error *e)
{
    struct uuid made;

    if (f->count == RECORDS_MAX)
        return error_set(e, ERROR_TOO_LARGE, "too many items: limit is %u", RECORDS_MAX);
    if (id == NULL && ids_new(f->received_at_us, &made, e) != 0)
        return -1;
    *at = frame_item_begin(f->frame);
    record_begin(f->frame, kind, id == NULL ? &made : id);
    f->count++;
    return 0;
}

/* Appends a client's text. */
static int
add_text(struct sentry_records *f, struct str text, struct error *e)
{
    struct scrub_result r = {.text = text};

    if (f->scrub != NULL && scrub_text(f->scrub, f->arena, text, &r, e) != 0)
        return -1;
    row_add_bytes(f->frame, r.text);
    return 0;
}

static int
take_session(void *context, const struct release_health_fact *s, struct error *e)
{
    struct sentry_records *f = context;
    struct buf *b = f->frame;
    size_t at = 0;

    if (begin(f, RECORD_SESSION, s->has_id ? &s->id : NULL, &at, e) != 0)
        return -1;
    row_add_time(b, f->received_at_us);
    row_add_time(b, s->hour_us);
    if (add_text(f, s->release, e) != 0 || add_text(f, s->environment, e) != 0)
        return -1;
    record_add_int8(b, s->total);
    record_add_int8(b, s->crashed);
    record_add_int8(b, s->errored);
    record_add_int8(b, s->abnormal);
    if (s->user_bit < 0)
        row_add_bytes(b, STR_NONE);
    else
        record_add_int4(b, s->user_bit);
    frame_end(b, at);
    return 0;
}

static void
drop_sessions(void *context, int64_t count)
{
    struct sentry_records *f = context;

    f->sessions_dropped += count;
}

static int
take_discarded(void *context, struct str reason, struct str category, int64_t quantity,
               struct error *e)
{
    struct sentry_records *f = context;
    size_t at = 0;

    if (begin(f, RECORD_CLIENT_REPORT, NULL, &at, e) != 0)
        return -1;
    row_add_time(f->frame, f->received_at_us);
    row_add_bytes(f->frame, reason);
    row_add_bytes(f->frame, category);
    record_add_int8(f->frame, quantity);
    frame_end(f->frame, at);
    return 0;
}

/* A report written twice is the same report. */
static struct uuid
report_id(const struct reports_user *r)
{
    const struct str texts[] = {r->name, r->email, r->comments, r->url};
    XXH128_canonical_t canonical;
    XXH3_state_t state;
    struct uuid id;

    (void)XXH3_128bits_reset(&state);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        uint64_t n = texts[i].n;

        (void)XXH3_128bits_update(&state, &n, sizeof n);
        if (n > 0)
            (void)XXH3_128bits_update(&state, texts[i].p, texts[i].n);
    }
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
    (void)memcpy(id.b, canonical.digest, sizeof id.b);
    return id;
}

static int
add_report(struct sentry_records *f, struct str text, bool is_feedback, struct error *e)
{
    struct scrub_result scrubbed = {.text = scan_skip_mark(text)};
    struct reports_user r;
    struct uuid id;
    struct error why;
    size_t at = 0;

    if (f->scrub != NULL &&
        scrub_json(f->scrub, f->arena, scrubbed.text, &scrubbed, e) != 0)
        return -1;
    text = scrubbed.text;
    if (reports_user(f->arena, text, is_feedback, &r, &why) != 0) {
        if (why.kind == ERROR_MALFORMED) /* it is empty */
            return 0;
        *e = why;
        return -1;
    }
    if (is_feedback && f->has_event) /* the envelope's id is the feedback's */
        id = f->event_id;
    else
        id = r.has_id ? r.id : report_id(&r);
    if (!r.has_event)
        r.event_id = is_feedback || !f->has_event ? id : f->event_id;
    if (!r.has_event && !is_feedback && !f->has_event)
        return 0;
    if (begin(f, RECORD_USER_REPORT, &id, &at, e) != 0)
        return -1;
    row_add_uuid(f->frame, &r.event_id);
    row_add_time(f->frame, f->received_at_us);
    row_add_bytes(f->frame, is_feedback ? STR("feedback") : STR("user_report"));
    row_add_bytes(f->frame, r.name);
    row_add_bytes(f->frame, r.email);
    row_add_bytes(f->frame, r.comments);
    row_add_bytes(f->frame, r.url);
    frame_end(f->frame, at);
    return 0;
}

static int
add_count(struct sentry_records *f, const char *type, size_t quantity, struct error *e)
{
    size_t at = 0;

    if (begin(f, RECORD_COUNTED, NULL, &at, e) != 0)
        return -1;
    row_add_time(f->frame, f->received_at_us);
    row_add_time(f->frame, f->received_at_us - f->received_at_us % HOUR_US);
    row_add_bytes(f->frame, str_of(type));
    record_add_int8(f->frame, (int64_t)quantity);
    frame_end(f->frame, at);
    return 0;
}

/* Items that are only counted, summed up by type first. */
static int
add_counts(struct sentry_records *f, const struct items *p, size_t transactions,
           struct error *e)
{
    struct {
        const char *type;
        size_t quantity;
    } sums[TYPES_MAX] = {{"transaction", transactions}};

    size_t n = transactions > 0;

    for (const struct collected_item *item = p->first; item != NULL; item = item->next) {
        size_t i = 0;

        if (item->type->action != ITEM_COUNTED)
            continue;
        while (i < n && strcmp(sums[i].type, item->type->name) != 0)
            i++;
        if (i == TYPES_MAX)
            continue;
        if (i == n) {
            sums[n].type = item->type->name;
            sums[n++].quantity = 0;
        }
        sums[i].quantity += item->count;
    }
    for (size_t i = 0; i < n; i++)
        if (add_count(f, sums[i].type, sums[i].quantity, e) != 0)
            return -1;
    return 0;
}

/* A check-in that is not valid is left out. */
static int
add_check_in(struct sentry_records *f, struct str text, struct error *e)
{
    struct checkin_texts texts = {.slug = STR_NONE};
    struct checkin c;
    struct error why;
    size_t at = 0;

    if (checkin_texts(f->arena, text, &texts, &why) != 0 ||
        checkin_read(f->arena, &texts, &c, &why) != 0) {
        if (why.kind != ERROR_MALFORMED) {
            *e = why;
            return -1;
        }
        f->check_ins_invalid++;
        return 0;
    }
    if (begin(f, RECORD_CHECK_IN, NULL, &at, e) != 0)
        return -1;
    row_add_time(f->frame, f->received_at_us);
    row_add_bytes(f->frame, c.slug);
    if (add_text(f, c.environment, e) != 0)
        return -1;
    if (c.has_id)
        row_add_uuid(f->frame, &c.id);
    else
        row_add_bytes(f->frame, STR_NONE);
    row_add_bytes(f->frame, c.status);
    if (c.duration_ms >= 0)
        record_add_int8(f->frame, c.duration_ms);
    else
        row_add_bytes(f->frame, STR_NONE);
    row_add_bytes(f->frame, c.config);
    frame_end(f->frame, at);
    f->check_ins++;
    return 0;
}

static int
add_check_ins(struct sentry_records *f, const struct items *p, struct error *e)
{
    for (const struct collected_item *item = p->first; item != NULL; item = item->next)
        if (item->type->action == ITEM_CHECK_IN &&
            add_check_in(f, items_text(p, item), e) != 0)
            return -1;
    return 0;
}

static int
add_item(struct sentry_records *f, const struct items *p,
         const struct collected_item *item, struct error *e)
{
    const struct release_health_clock clock = {f->received_at_us, f->sent_at_us};
    const struct release_health_sink sink = {take_session, drop_sessions, f};

    switch (item->type->action) {
    case ITEM_SESSION:
    case ITEM_SESSIONS:
        return release_health_read(f->arena, items_text(p, item),
                                   item->type->action == ITEM_SESSIONS, &clock, &sink, e);
    case ITEM_CLIENT_REPORT:
        return reports_client(f->arena, items_text(p, item), take_discarded, f, e);
    case ITEM_USER_REPORT:
    case ITEM_FEEDBACK:
        return add_report(f, items_text(p, item), item->type->action == ITEM_FEEDBACK, e);
    case ITEM_EVENT:
    case ITEM_SECURITY:
    case ITEM_ATTACHMENT:
    case ITEM_CHECK_IN:
    case ITEM_COUNTED:
        break;
    }
    return 0;
}

int
sentry_records_add(struct sentry_records *f, const struct items *p, size_t transactions,
                   struct error *e)
{
    if (add_check_ins(f, p, e) != 0)
        return -1;
    for (const struct collected_item *item = p->first; item != NULL; item = item->next)
        if (add_item(f, p, item, e) != 0)
            return -1;
    return add_counts(f, p, transactions, e);
}

size_t
sentry_records_chunks(const struct collected_item *item)
{
    return item->n == 0 ? 1 : (item->n - 1) / LIMIT_CHUNK_BYTES + 1;
}

static int
add_chunk(struct sentry_records *f, const struct items *p,
          const struct collected_item *item, size_t chunk, struct error *e)
{
    size_t from = chunk * LIMIT_CHUNK_BYTES, n = item->n - from, at = 0;
    struct buf *b = f->frame;

    if (n > LIMIT_CHUNK_BYTES)
        n = LIMIT_CHUNK_BYTES;
    if (begin(f, RECORD_ATTACHMENT, &item->hash, &at, e) != 0)
        return -1;
    row_add_uuid(b, &f->event_id);
    row_add_time(b, f->received_at_us);
    record_add_int4(b, (int32_t)chunk);
    record_add_int4(b, (int32_t)sentry_records_chunks(item));
    if (add_text(f, item->filename.n == 0 ? STR("unnamed attachment") : item->filename,
                 e) != 0 ||
        add_text(f, item->content_type, e) != 0 ||
        add_text(f,
                 item->attachment_type.n == 0 ? STR("event.attachment")
                                              : item->attachment_type,
                 e) != 0)
        return -1;
    record_add_int8(b, (int64_t)item->n);
    buf_add_be32(b, (uint32_t)n);
    if (items_copy(p, item, from, n, b, e) != 0)
        return -1;
    frame_end(b, at);
    return b->failed ? error_no_memory(e) : 0;
}

int
sentry_records_add_chunks(struct sentry_records *f, const struct items *p,
                          const struct collected_item *item, size_t *chunk,
                          struct error *e)
{
    size_t chunks = sentry_records_chunks(item);

    while (*chunk < chunks && f->frame->n < FULL_BYTES && f->count < LIMIT_ENVELOPE_ITEMS)
        if (add_chunk(f, p, item, (*chunk)++, e) != 0)
            return -1;
    return 0;
}
