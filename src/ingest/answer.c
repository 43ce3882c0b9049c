#include "ingest/answer.h"

#include <stdio.h>

#include "base/jsonout.h"
#include "base/utf8.h"

int
answer_status(enum error_kind kind)
{
    switch (kind) {
    case ERROR_NONE:
        return 200;
    case ERROR_MALFORMED:
    case ERROR_COSTLY:
        return 400;
    case ERROR_UNAUTHORIZED:
        return 401;
    case ERROR_FORBIDDEN:
    case ERROR_FILTERED:
        return 403;
    case ERROR_NOT_FOUND:
        return 404;
    case ERROR_METHOD:
        return 405;
    case ERROR_TIMEOUT:
        return 408;
    case ERROR_LENGTH:
        return 411;
    case ERROR_TOO_LARGE:
        return 413;
    case ERROR_ENCODING:
        return 415;
    case ERROR_LIMITED:
        return 429;
    case ERROR_POISON:
        return 500;
    case ERROR_UNAVAILABLE:
    case ERROR_CONFIG:
    case ERROR_SYSTEM:
    case ERROR_USAGE:
        break;
    }
    return 503;
}

void
answer_reset(struct answer *a)
{
    struct buf body = a->body;

    buf_clear(&body, SIZE_MAX);
    *a = (struct answer){.status = 500, .body = body};
}

void
answer_accepted(struct answer *a, const struct uuid *id)
{
    char text[IDS_TEXT_BYTES];

    ids_format(id, text);
    a->status = 202;
    buf_clear(&a->body, SIZE_MAX);
    buf_add_char(&a->body, '{');
    jsonout_text(&a->body, "status", STR("accepted"));
    jsonout_text(&a->body, "id", str_of(text));
    buf_add_char(&a->body, '}');
}

void
answer_error_members(struct buf *b, const struct error *e)
{
    struct str text = str_of(e->text);
    size_t sound;

    if (!utf8_valid(text, &sound)) /* a text truncated within a character */
        text.n = sound;
    jsonout_text(b, "error", text);
    if (e->kind == ERROR_LIMITED)
        jsonout_number(b, "retry_after", e->retry_after_s);
}

void
answer_error(struct answer *a, const struct error *e)
{
    a->status = answer_status(e->kind);
    (void)snprintf(a->sentry_error, sizeof a->sentry_error, "%s", e->text);
    a->retry_after_s = e->retry_after_s;
    if (a->status == 503 && a->retry_after_s == 0)
        a->retry_after_s = 1;
    buf_clear(&a->body, SIZE_MAX);
    buf_add_char(&a->body, '{');
    answer_error_members(&a->body, e);
    buf_add_char(&a->body, '}');
}
