#include "sentry/answer.h"

#include <stdio.h>

#include "base/jsonout.h"
#include "base/utf8.h"

static void
begin(struct answer *a, int status)
{
    a->status = status;
    a->is_sentry = true;
    buf_clear(&a->body, SIZE_MAX);
}

void
sentry_answer_id(struct answer *a, const struct uuid *id)
{
    begin(a, 200);
    buf_add_char(&a->body, '{');
    if (id != NULL) {
        char text[IDS_HEX_BYTES];

        ids_format_hex(id, text);
        jsonout_text(&a->body, "id", str_of(text));
    }
    buf_add_char(&a->body, '}');
}

void
sentry_answer_plain_id(struct answer *a, const struct uuid *id)
{
    char text[IDS_TEXT_BYTES];

    begin(a, 200);
    a->content_type = "text/plain";
    ids_format(id, text);
    buf_add_text(&a->body, text);
}

void
sentry_answer_pixel(struct answer *a)
{
    static const unsigned char gif[] = {
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x00, 0xff, 0x00,
        0x2c, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x00, 0x3b};

    begin(a, 200);
    a->content_type = "image/gif";
    buf_add(&a->body, gif, sizeof gif);
}

static int
bounded(int s)
{
    return s > SENTRY_ANSWER_RETRY_MAX_S ? SENTRY_ANSWER_RETRY_MAX_S : s;
}

void
sentry_answer_limits(struct answer *a, int events_s, int records_s)
{
    size_t n = 0;

    a->limits[0] = '\0';
    if (events_s > 0)
        n = (size_t)snprintf(a->limits, sizeof a->limits,
                             "%d:error;default;security:project:rate_limit",
                             bounded(events_s));
    if (records_s > 0)
        (void)snprintf(a->limits + n, sizeof a->limits - n,
                       "%s%d:session;attachment;feedback;user_report_v2;transaction;"
                       "monitor:project:rate_limit",
                       n > 0 ? ", " : "", bounded(records_s));
}

void
sentry_answer_error(struct answer *a, const struct error *e)
{
    static const struct str envelope = STR_INIT("invalid event envelope: ");
    struct str text = str_of(e->text), cause = STR_NONE;
    size_t sound;

    begin(a, answer_status(e->kind));
    if (!utf8_valid(text, &sound)) /* a text truncated within a character */
        text.n = sound;
    if (str_starts(text, envelope)) {
        cause = (struct str){text.p + envelope.n, text.n - envelope.n};
        text.n = envelope.n - 2;
    }
    (void)snprintf(a->sentry_error, sizeof a->sentry_error, "%s", e->text);
    a->retry_after_s = bounded(e->retry_after_s);
    if (a->status == 503 && a->retry_after_s == 0)
        a->retry_after_s = 1;
    if (e->kind == ERROR_LIMITED)
        sentry_answer_limits(a, a->retry_after_s, 0);
    buf_add_char(&a->body, '{');
    jsonout_text(&a->body, "detail", text);
    if (cause.p != NULL) {
        jsonout_raw(&a->body, "causes", STR("["));
        jsonout_string(&a->body, cause);
        buf_add_char(&a->body, ']');
    }
    buf_add_char(&a->body, '}');
}
