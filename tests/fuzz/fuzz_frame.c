/*
 * fuzz_frame: any bytes as a frame, as the body of each kind of frame, and as a row.
 *
 * What is understood is written again by our own functions and must be the same bytes: so
 * no two texts mean the same, and nothing in one is overlooked.  What passes the checks
 * that the writer and the spool make holds nothing that PostgreSQL would refuse for its
 * range, and becomes the items of a batch.
 */
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "store/batch_entry.h"
#include "wire/frame.h"

#define MAX_BYTES ((size_t)1 << 20)

static void
is_malformed(const struct error *e)
{
    CHECK(e->kind == ERROR_MALFORMED && e->text[0] != '\0');
}

/* Whether rewritten, a whole frame, holds exactly this body. */
static void
is_body(struct buf *rewritten, struct str body)
{
    CHECK(!rewritten->failed && rewritten->n == FRAME_HEAD_BYTES + body.n);
    CHECK(str_eq((struct str){rewritten->data + FRAME_HEAD_BYTES, body.n}, body));
    buf_clear(rewritten, SIZE_MAX);
}

static void
try_lookup(struct str body, struct buf *again)
{
    struct error e;
    struct key k;

    if (frame_parse_lookup(body, &k, &e) != 0) {
        is_malformed(&e);
        return;
    }
    frame_lookup(again, 1, &k);
    is_body(again, body);
}

static void
try_key(struct str body, struct buf *again)
{
    enum key_state state;
    struct error e;
    int64_t project;

    if (frame_parse_key(body, &state, &project, &e) != 0) {
        is_malformed(&e);
        return;
    }
    frame_key(again, 1, state, project);
    is_body(again, body);
}

static void
try_state(struct str body, struct buf *again)
{
    struct error e;
    int ok;

    if (frame_parse_state(body, &ok, &e) != 0) {
        is_malformed(&e);
        return;
    }
    frame_state(again, 1, ok);
    is_body(again, body);
}

static void
try_attach(struct str body, struct buf *again)
{
    enum frame_attached state;
    struct error e;
    int64_t project;
    unsigned flags;

    if (frame_parse_attach(body, &project, &flags, &e) == 0) {
        frame_attach(again, 1, project, flags);
        is_body(again, body);
    } else {
        is_malformed(&e);
    }
    if (frame_parse_attached(body, &state, &e) == 0) {
        frame_attached(again, 1, state);
        is_body(again, body);
    } else {
        is_malformed(&e);
    }
}

/* The same may stand in several rows, which are one then: nothing is lost or made. */
static void
try_outcomes(struct str body)
{
    static struct outcomes o;
    int64_t sum = 0;
    struct error e;

    o.count = o.last = 0;
    if (frame_parse_outcomes(body, &o, &e) != 0) {
        is_malformed(&e);
        CHECK(o.count == 0);
        return;
    }
    CHECK(o.count <= body.n / 25);
    for (size_t i = 0; i < body.n / 25; i++)
        sum += (int64_t)num_be64(body.p + 25 * i + 17);
    for (size_t i = 0; i < o.count; i++)
        sum -= o.row[i].quantity;
    CHECK(sum == 0);
}

static void
try_verdicts(struct str body, struct buf *again)
{
    static struct verdict v[MAX_BYTES / 5];
    size_t count = body.n < 2 ? 0 : (body.n - 2) / 5;
    struct error e;

    if (frame_parse_verdicts(body, v, count, &e) != 0) {
        is_malformed(&e);
        return;
    }
    frame_verdicts(again, 1, v, count);
    is_body(again, body);
}

/* A row of frame version 1 ends with its payload: what is behind it stands elsewhere. */
static void
add_row(struct buf *b, const struct row *r)
{
    struct str payload = r->field[ROW_PAYLOAD];
    bool whole = r->field[ROW_TYPE].p == payload.p + payload.n;

    for (unsigned f = 0; f < (whole ? N_ROW_FIELDS : ROW_TYPE); f++)
        row_add_bytes(b, row_value(r, (enum row_field)f));
}

static void
add_record(struct buf *b, const struct record *r)
{
    buf_add_u8(b, (uint8_t)r->kind);
    for (size_t f = 0; record_shape(r->kind)[f] != '\0'; f++)
        buf_add_str(b, r->field[f]);
}

static void
try_row(struct str bytes, struct buf *again)
{
    struct error e;
    struct row r;

    if (row_parse(bytes, &r, &e) != 0) {
        is_malformed(&e);
        return;
    }
    add_row(again, &r);
    CHECK(str_eq(buf_str(again), bytes));
    buf_clear(again, SIZE_MAX);
}

static void
has_text(struct str field)
{
    struct str text = {field.p + 4, field.n - 4};

    CHECK(text.n == 0 || (utf8_valid(text, NULL) && memchr(text.p, 0, text.n) == NULL));
}

static void
has_time(struct str field, int64_t min_us)
{
    int64_t at = (int64_t)num_be64(field.p + 4) + ROW_EPOCH_US;

    CHECK(field.n == 12 && at >= min_us && at <= ROW_TIME_MAX_US);
}

static void
has_good_fields(const struct record *r)
{
    const char *shape = record_shape(r->kind);

    for (size_t f = 0; shape[f] != '\0'; f++) {
        struct str field = r->field[f];

        if (shape[f] == 's' || shape[f] == 'S')
            has_text(field);
        else if (shape[f] == 't')
            has_time(field, 0);
        else if (shape[f] == 'l')
            CHECK(num_be64(field.p + 4) <= RECORD_INT8_MAX);
        else if (shape[f] == 'i')
            CHECK(num_be32(field.p + 4) <= INT32_MAX);
        else if (shape[f] == 'I' && field.n > 4)
            CHECK(num_be32(field.p + 4) < RECORD_USER_BITS);
    }
}

static void
is_storable(const struct batch_entry *item)
{
    CHECK(item->project > 0 && batch_entry_payer(item) != 0);
    CHECK(item->verdict.status == VERDICT_UNAVAILABLE && !item->admitted);
    if (item->what.kind == FRAME_ITEM_RECORD) {
        has_good_fields(&item->what.record);
    } else if (item->what.kind == FRAME_ITEM_ROW) {
        const struct row *r = &item->what.row;

        has_time(r->field[ROW_RECEIVED_AT], 0);
        has_time(r->field[ROW_TIMESTAMP], ROW_TIME_MIN_US);
        CHECK(row_received_at_us(r) >= 0);
        for (unsigned f = ROW_LEVEL; f < N_ROW_FIELDS; f++)
            if (f != ROW_PAYLOAD)
                has_text(r->field[f]);
    }
}

/* As writer/commit_queue.c and spool/replay.c take it. */
static void
try_store(const struct frame_submission *s)
{
    static struct batch_entry items[FRAME_MAX_ITEMS];
    struct error e;

    if (frame_check_items(s, &e) != 0) {
        is_malformed(&e);
        return;
    }
    CHECK(batch_entry_take(s, items) == s->count);
    for (size_t i = 0; i < s->count; i++)
        is_storable(&items[i]);
}

/* All items but the last ones that are bad, written again; bytes after them are the
 * caller's. */
static void
try_submission(struct str body, struct buf *again)
{
    size_t at = frame_begin(again, FRAME_SUBMIT, 1);
    struct frame_submission s;
    struct frame_item it;
    struct error e;

    if (frame_parse_submission(body, &s, &e) != 0) {
        is_malformed(&e);
        buf_clear(again, SIZE_MAX);
        return;
    }
    try_store(&s);
    frame_submission_head(again, s.project, s.flags, s.count);
    for (size_t i = 0; i < s.count; i++) {
        size_t item;

        if (frame_next_item(&s, &it, &e) != 0) {
            is_malformed(&e);
            break;
        }
        if (it.kind == FRAME_ITEM_CHARGE) {
            frame_charge(again);
            continue;
        }
        item = frame_item_begin(again);
        if (it.kind == FRAME_ITEM_ROW)
            add_row(again, &it.row);
        else
            add_record(again, &it.record);
        frame_end(again, item);
    }
    frame_end(again, at);
    is_body(again, (struct str){body.p, body.n - s.items.n});
}

/* A question for what is scrubbed, and its answer. */
static void
try_scrub(struct str body, struct buf *again)
{
    int64_t project;
    struct str text;
    struct error e;
    bool known;

    if (frame_parse_scrub(body, &project, &e) == 0) {
        frame_scrub(again, 1, project);
        is_body(again, body);
    } else {
        is_malformed(&e);
    }
    if (frame_parse_scrubbing(body, &known, &text, &e) == 0) {
        frame_scrubbing(again, 1, known, text);
        is_body(again, body);
    } else {
        is_malformed(&e);
    }
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    struct str all = {(const char *)data, size}, body = all;
    struct buf again = buf_init(2 * MAX_BYTES);
    struct error e;
    struct frame f;
    ptrdiff_t n;

    if (size > MAX_BYTES)
        return 0;
    n = frame_parse(all, &f, &e);
    if (n < 0)
        is_malformed(&e);
    if (n > 0) {
        size_t at = frame_begin(&again, f.type, f.tag);

        buf_add_str(&again, f.body);
        frame_end(&again, at);
        again.data[4] = all.p[4]; /* of whatever version it was */
        CHECK(str_eq(buf_str(&again), (struct str){all.p, (size_t)n}));
        buf_clear(&again, SIZE_MAX);
        body = f.body;
    }
    try_lookup(body, &again);
    try_key(body, &again);
    try_state(body, &again);
    try_attach(body, &again);
    try_outcomes(body);
    try_scrub(body, &again);
    try_verdicts(body, &again);
    try_submission(body, &again);
    try_row(body, &again);
    buf_release(&again);
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
