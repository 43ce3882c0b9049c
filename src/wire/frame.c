#include "wire/frame.h"

#include <string.h>

#include "base/num.h"

#define LENGTH_BYTES 4U
#define HEAD_REST (FRAME_HEAD_BYTES - LENGTH_BYTES)
#define TAG_AT 6U
#define SUBMISSION_HEAD_BYTES 11U
#define FLAGS_AT (FRAME_HEAD_BYTES + 8U)
#define VERDICT_BYTES 5U
#define OUTCOME_BYTES 25U

ptrdiff_t
frame_parse(struct str s, struct frame *out, struct error *e)
{
    size_t n;

    if (s.n < LENGTH_BYTES)
        return 0;
    n = num_be32(s.p);
    if (n < HEAD_REST || n > FRAME_MAX_BYTES)
        return error_set(e, ERROR_MALFORMED, "frame: length %zu", n);
    if (s.n > LENGTH_BYTES &&
        ((uint8_t)s.p[4] < FRAME_VERSION_FIRST || (uint8_t)s.p[4] > FRAME_VERSION))
        return error_set(e, ERROR_MALFORMED, "frame: version %u",
                         (unsigned)(uint8_t)s.p[4]);
    if (s.n - LENGTH_BYTES < n)
        return 0;
    *out = (struct frame){.type = (enum frame_type)(uint8_t)s.p[5],
                          .tag = num_be32(s.p + 6),
                          .body = {s.p + FRAME_HEAD_BYTES, n - HEAD_REST}};
    return (ptrdiff_t)(n + LENGTH_BYTES);
}

size_t
frame_begin(struct buf *b, enum frame_type type, uint32_t tag)
{
    size_t at = b->n;

    buf_add_be32(b, 0);
    buf_add_u8(b, FRAME_VERSION);
    buf_add_u8(b, (uint8_t)type);
    buf_add_be32(b, tag);
    return at;
}

void
frame_end(struct buf *b, size_t at)
{
    if (!b->failed)
        buf_set_be32(b, at, (uint32_t)(b->n - at - LENGTH_BYTES));
}

void
frame_lookup(struct buf *b, uint32_t tag, const struct key *k)
{
    size_t at = frame_begin(b, FRAME_LOOKUP, tag);

    buf_add(b, k->text, sizeof k->text);
    frame_end(b, at);
}

void
frame_key(struct buf *b, uint32_t tag, enum key_state state, int64_t project)
{
    size_t at = frame_begin(b, FRAME_KEY, tag);

    buf_add_u8(b, (uint8_t)state);
    buf_add_be64(b, (uint64_t)project);
    frame_end(b, at);
}

void
frame_verdicts(struct buf *b, uint32_t tag, const struct verdict *v, size_t count)
{
    size_t at = frame_begin(b, FRAME_VERDICTS, tag);

    buf_add_be16(b, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        buf_add_u8(b, (uint8_t)v[i].status);
        buf_add_be32(b, v[i].retry_ms);
    }
    frame_end(b, at);
}

void
frame_status(struct buf *b, uint32_t tag)
{
    frame_end(b, frame_begin(b, FRAME_STATUS, tag));
}

void
frame_state(struct buf *b, uint32_t tag, int database_ok)
{
    size_t at = frame_begin(b, FRAME_STATE, tag);

    buf_add_u8(b, database_ok != 0);
    frame_end(b, at);
}

void
frame_attach(struct buf *b, uint32_t tag, int64_t project, unsigned flags)
{
    size_t at = frame_begin(b, FRAME_ATTACH, tag);

    buf_add_be64(b, (uint64_t)project);
    buf_add_u8(b, (uint8_t)flags);
    frame_end(b, at);
}

void
frame_attached(struct buf *b, uint32_t tag, enum frame_attached state)
{
    size_t at = frame_begin(b, FRAME_ATTACHED, tag);

    buf_add_u8(b, (uint8_t)state);
    frame_end(b, at);
}

/* A question about a project, and its answer. */
static void
add_question(struct buf *b, enum frame_type type, uint32_t tag, int64_t project)
{
    size_t at = frame_begin(b, type, tag);

    buf_add_be64(b, (uint64_t)project);
    frame_end(b, at);
}

static void
add_answer(struct buf *b, enum frame_type type, uint32_t tag, bool known, struct str text)
{
    size_t at = frame_begin(b, type, tag);

    buf_add_u8(b, known);
    if (text.n > 0)
        buf_add_str(b, text);
    frame_end(b, at);
}

void
frame_origins(struct buf *b, uint32_t tag, int64_t project)
{
    add_question(b, FRAME_ORIGINS, tag, project);
}

void
frame_allowed(struct buf *b, uint32_t tag, bool known, struct str origins)
{
    add_answer(b, FRAME_ALLOWED, tag, known, origins);
}

void
frame_scrub(struct buf *b, uint32_t tag, int64_t project)
{
    add_question(b, FRAME_SCRUB, tag, project);
}

void
frame_scrubbing(struct buf *b, uint32_t tag, bool known, struct str text)
{
    add_answer(b, FRAME_SCRUBBING, tag, known, text);
}

void
frame_outcomes(struct buf *b, uint32_t tag, const struct outcomes *o)
{
    size_t at = frame_begin(b, FRAME_OUTCOMES, tag);

    for (size_t i = 0; i < o->count; i++) {
        buf_add_be64(b, (uint64_t)o->row[i].project);
        buf_add_be64(b, (uint64_t)o->row[i].minute);
        buf_add_u8(b, (uint8_t)o->row[i].outcome);
        buf_add_be64(b, (uint64_t)o->row[i].quantity);
    }
    frame_end(b, at);
}

void
frame_submission_head(struct buf *b, int64_t project, unsigned flags, size_t count)
{
    buf_add_be64(b, (uint64_t)project);
    buf_add_u8(b, (uint8_t)flags);
    buf_add_be16(b, (uint16_t)count);
}

size_t
frame_item_begin(struct buf *b)
{
    size_t at = b->n;

    buf_add_be32(b, 0);
    return at;
}

void
frame_charge(struct buf *b)
{
    buf_add_be32(b, 0);
}

void
frame_set_tag(struct buf *b, uint32_t tag)
{
    buf_set_be32(b, TAG_AT, tag);
}

void
frame_mark_again(struct buf *b)
{
    CHECK(b->n > FLAGS_AT);
    b->data[FLAGS_AT] = (char)((uint8_t)b->data[FLAGS_AT] | FRAME_AGAIN);
}

bool
frame_is_again(const struct buf *b)
{
    return b->n > FLAGS_AT && ((uint8_t)b->data[FLAGS_AT] & FRAME_AGAIN) != 0;
}

void
frame_set_submission(struct buf *b, unsigned flags, size_t count)
{
    if (b->failed)
        return;
    CHECK(b->n > FLAGS_AT + 2 && count <= FRAME_MAX_ITEMS);
    b->data[FLAGS_AT] = (char)(uint8_t)flags;
    b->data[FLAGS_AT + 1] = (char)(uint8_t)(count >> 8);
    b->data[FLAGS_AT + 2] = (char)(uint8_t)count;
}

static int
wrong(struct error *e, const char *what)
{
    return error_set(e, ERROR_MALFORMED, "frame: bad %s", what);
}

static bool
take_project(const char *at, int64_t *project)
{
    *project = (int64_t)num_be64(at);
    return *project > 0;
}

int
frame_parse_lookup(struct str body, struct key *out, struct error *e)
{
    struct key sent;

    if (body.n != sizeof sent.text)
        return wrong(e, "look-up");
    (void)memcpy(sent.text, body.p, sizeof sent.text);
    if (key_parse(key_text(&sent), out) != 0 || !key_eq(&sent, out))
        return wrong(e, "key");
    return 0;
}

int
frame_parse_key(struct str body, enum key_state *state, int64_t *project, struct error *e)
{
    if (body.n != 9 || (uint8_t)body.p[0] > KEY_STATE_GOOD)
        return wrong(e, "key");
    *state = (enum key_state)(uint8_t)body.p[0];
    if (!take_project(body.p + 1, project) &&
        (*project != 0 || *state == KEY_STATE_REVOKED || *state == KEY_STATE_GOOD))
        return wrong(e, "project of a key");
    return 0;
}

int
frame_parse_state(struct str body, int *database_ok, struct error *e)
{
    if (body.n != 1 || (uint8_t)body.p[0] > 1)
        return wrong(e, "state");
    *database_ok = body.p[0] != 0;
    return 0;
}

int
frame_parse_attach(struct str body, int64_t *project, unsigned *flags, struct error *e)
{
    if (body.n != 9 || !take_project(body.p, project))
        return wrong(e, "attach");
    *flags = (uint8_t)body.p[8];
    return 0;
}

int
frame_parse_attached(struct str body, enum frame_attached *state, struct error *e)
{
    if (body.n != 1 || (uint8_t)body.p[0] > FRAME_ATTACHED_ALL_FULL)
        return wrong(e, "attached");
    *state = (enum frame_attached)(uint8_t)body.p[0];
    return 0;
}

static int
parse_question(struct str body, const char *what, int64_t *project, struct error *e)
{
    if (body.n != 8 || !take_project(body.p, project))
        return wrong(e, what);
    return 0;
}

static int
parse_answer(struct str body, const char *what, bool *known, struct str *text,
             struct error *e)
{
    if (body.n < 1 || (uint8_t)body.p[0] > 1)
        return wrong(e, what);
    *known = body.p[0] != 0;
    *text = (struct str){body.p + 1, body.n - 1};
    return 0;
}

int
frame_parse_origins(struct str body, int64_t *project, struct error *e)
{
    return parse_question(body, "question for origins", project, e);
}

int
frame_parse_allowed(struct str body, bool *known, struct str *origins, struct error *e)
{
    return parse_answer(body, "origins", known, origins, e);
}

int
frame_parse_scrub(struct str body, int64_t *project, struct error *e)
{
    return parse_question(body, "question for scrubbing", project, e);
}

int
frame_parse_scrubbing(struct str body, bool *known, struct str *text, struct error *e)
{
    return parse_answer(body, "scrubbing", known, text, e);
}

/* Times of PostgreSQL end in the year 294276; a sum of quantities must not overflow. */
static bool
is_outcome(const struct outcomes_row *row)
{
    return row->project >= 0 && row->minute >= 0 && row->minute < INT32_MAX &&
           row->outcome > OUTCOME_NONE && row->outcome < OUTCOME_KINDS &&
           row->quantity > 0 && row->quantity < INT32_MAX;
}

int
frame_parse_outcomes(struct str body, struct outcomes *o, struct error *e)
{
    struct outcomes all = {.count = body.n / OUTCOME_BYTES};

    if (body.n % OUTCOME_BYTES != 0 || all.count > OUTCOMES_MAX)
        return wrong(e, "outcomes");
    for (size_t i = 0; i < all.count; i++) {
        const char *at = body.p + i * OUTCOME_BYTES;

        all.row[i] = (struct outcomes_row){.project = (int64_t)num_be64(at),
                                           .minute = (int64_t)num_be64(at + 8),
                                           .outcome = (enum outcome)(uint8_t)at[16],
                                           .quantity = (int64_t)num_be64(at + 17)};
        if (!is_outcome(&all.row[i]))
            return wrong(e, "outcome");
    }
    outcomes_add_all(o, &all);
    return 0;
}

int
frame_parse_submission(struct str body, struct frame_submission *out, struct error *e)
{
    int64_t project;

    if (body.n < SUBMISSION_HEAD_BYTES || !take_project(body.p, &project))
        return wrong(e, "submission");
    *out = (struct frame_submission){
        .project = project,
        .flags = (uint8_t)body.p[8],
        .count = num_be16(body.p + 9),
        .items = {body.p + SUBMISSION_HEAD_BYTES, body.n - SUBMISSION_HEAD_BYTES}};
    if (out->count == 0 || out->count > FRAME_MAX_ITEMS ||
        out->count > out->items.n / LENGTH_BYTES)
        return wrong(e, "number of items");
    return 0;
}

int
frame_next_item(struct frame_submission *s, struct frame_item *out, struct error *e)
{
    struct str bytes;
    size_t n;
    int rc = 0;

    if (s->items.n < LENGTH_BYTES)
        return wrong(e, "item");
    n = num_be32(s->items.p);
    if (n > s->items.n - LENGTH_BYTES)
        return wrong(e, "item length");
    bytes = (struct str){s->items.p + LENGTH_BYTES, n};
    out->kind = n == 0               ? FRAME_ITEM_CHARGE
                : bytes.p[0] == '\0' ? FRAME_ITEM_ROW
                                     : FRAME_ITEM_RECORD;
    if (out->kind == FRAME_ITEM_ROW)
        rc = row_parse(bytes, &out->row, e);
    else if (out->kind == FRAME_ITEM_RECORD)
        rc = record_parse(bytes, &out->record, e);
    if (rc != 0)
        return -1;
    s->items.p += LENGTH_BYTES + n;
    s->items.n -= LENGTH_BYTES + n;
    return 0;
}

int
frame_check_items(const struct frame_submission *s, struct error *e)
{
    struct frame_submission left = *s;
    struct frame_item item = {.kind = FRAME_ITEM_CHARGE};

    for (size_t i = 0; i < s->count; i++) {
        int rc = frame_next_item(&left, &item, e);

        if (rc == 0 && item.kind == FRAME_ITEM_ROW)
            rc = row_check_texts(&item.row, e);
        if (rc == 0 && item.kind == FRAME_ITEM_RECORD)
            rc = record_check_texts(&item.record, e);
        if (rc != 0)
            return -1;
    }
    if (left.items.n != 0)
        return error_set(e, ERROR_MALFORMED, "frame: bytes after the last item");
    return 0;
}

int
frame_parse_verdicts(struct str body, struct verdict *out, size_t count, struct error *e)
{
    if (body.n < 2 || num_be16(body.p) != count || body.n != 2 + count * VERDICT_BYTES)
        return wrong(e, "verdicts");
    for (size_t i = 0; i < count; i++) {
        const char *at = body.p + 2 + i * VERDICT_BYTES;

        if ((uint8_t)at[0] > VERDICT_NO_PROJECT)
            return wrong(e, "verdict");
        out[i] = (struct verdict){.status = (enum verdict_status)(uint8_t)at[0],
                                  .retry_ms = num_be32(at + 1)};
    }
    return 0;
}
