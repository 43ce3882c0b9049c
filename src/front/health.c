#include "front/health.h"

#include "base/clock.h"
#include "base/jsonout.h"

/* A writer that is configured and away is made up for by direct mode; the database is
 * not. */
static const char *
status_of(const struct submit_state *s)
{
    if (!s->database_ok)
        return "unavailable";
    return s->writer_configured && !s->writer_ok ? "degraded" : "ok";
}

static const char *
writer_of(const struct submit_state *s)
{
    if (!s->writer_configured)
        return "none";
    return s->writer_ok ? "ok" : "down";
}

void
health_answer(struct health *h, struct answer *a)
{
    struct buf *b = &a->body;

    if (h->seen_ms == 0 || clock_now_ms() - h->seen_ms >= HEALTH_TTL_MS) {
        submit_look(h->submit, &h->state);
        h->seen_ms = clock_now_ms();
    }
    a->status = h->state.database_ok ? 200 : 503;
    a->retry_after_s = h->state.database_ok ? 0 : 1;
    buf_add_char(b, '{');
    jsonout_text(b, "status", str_of(status_of(&h->state)));
    jsonout_text(b, "database", str_of(h->state.database_ok ? "ok" : "down"));
    jsonout_text(b, "writer", str_of(writer_of(&h->state)));
    jsonout_text(b, "spool", STR("none"));
    buf_add_char(b, '}');
}
