#include "ingest/bulk_answer.h"

#include "base/jsonout.h"
#include "ingest/access.h"

static void
add_result(struct buf *b, const struct bulk_entry *item)
{
    if (b->n > 0 && b->data[b->n - 1] != '[')
        buf_add_char(b, ',');
    buf_add_char(b, '{');
    if (item->error.kind == ERROR_NONE) {
        char text[IDS_TEXT_BYTES];

        ids_format(&item->id, text);
        jsonout_text(b, "id", str_of(text));
    } else {
        answer_error_members(b, &item->error);
        jsonout_number(b, "status", answer_status(item->error.kind));
    }
    buf_add_char(b, '}');
}

static void
add_results(struct buf *b, const struct bulk *bulk)
{
    jsonout_name(b, "results");
    buf_add_char(b, '[');
    for (size_t i = 0; i < bulk->count; i++)
        add_result(b, &bulk->items[i]);
    buf_add_text(b, "]}");
}

void
bulk_answer_refused(struct bulk *bulk, const struct error *e, struct answer *a)
{
    answer_error(a, e);
    a->body.n--; /* the closing brace */
    add_results(&a->body, bulk);
}

/* Decides which error represents a bulk of which nothing was stored. */
static int
weight(enum error_kind kind)
{
    switch (kind) {
    case ERROR_LIMITED:
        return 5;
    case ERROR_UNAVAILABLE:
        return 4;
    case ERROR_POISON:
        return 3;
    case ERROR_UNAUTHORIZED:
        return 2;
    case ERROR_NONE:
        return 0;
    case ERROR_MALFORMED:
    case ERROR_COSTLY:
    case ERROR_FORBIDDEN:
    case ERROR_FILTERED:
    case ERROR_NOT_FOUND:
    case ERROR_METHOD:
    case ERROR_TIMEOUT:
    case ERROR_LENGTH:
    case ERROR_TOO_LARGE:
    case ERROR_ENCODING:
    case ERROR_CONFIG:
    case ERROR_SYSTEM:
    case ERROR_USAGE:
        break;
    }
    return 1;
}

/* An item refused by the limit or the database reports that instead of its own error: its
 * unit was not taken.  Returns the number of stored events. */
static size_t
settle(struct bulk *bulk, struct error *worst)
{
    size_t accepted = 0;

    for (size_t i = 0; i < bulk->count; i++) {
        struct error *own = &bulk->items[i].error;
        struct error e;

        if (access_verdict_error(&bulk->verdicts[i], &e) != 0 &&
            (own->kind == ERROR_NONE || e.kind == ERROR_LIMITED))
            *own = e;
        if (weight(own->kind) > weight(worst->kind))
            *worst = *own;
        accepted += own->kind == ERROR_NONE;
    }
    return accepted;
}

void
bulk_answer(struct bulk *bulk, struct answer *a, struct error *e)
{
    size_t accepted = settle(bulk, e);

    if (accepted == 0) {
        bulk_answer_refused(bulk, e, a);
        return;
    }
    a->status = 202;
    buf_add_char(&a->body, '{');
    jsonout_text(&a->body, "status", STR("accepted"));
    jsonout_number(&a->body, "accepted", (int64_t)accepted);
    jsonout_number(&a->body, "rejected", (int64_t)(bulk->count - accepted));
    add_results(&a->body, bulk);
}

void
bulk_count(const struct bulk *bulk, struct submit *s, int64_t project)
{
    for (size_t i = 0; i < bulk->count; i++)
        if (bulk->items[i].error.kind != ERROR_NONE &&
            bulk->verdicts[i].status != VERDICT_LIMITED)
            submit_count_error(s, project, &bulk->items[i].error);
}
