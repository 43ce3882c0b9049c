#include "front/health.h"

#include "base/clock.h"
#include "base/jsonout.h"

/* The spool replaces the database as long as it has room, direct mode replaces the
 * writer. */
static bool
accepts_events(const struct submit_state *s)
{
    return s->database_ok || s->spool_ok;
}

static const char *
status_of(const struct submit_state *s)
{
    if (!accepts_events(s))
        return "unavailable";
    if (!s->database_ok || (s->writer_configured && !s->writer_ok) ||
        (s->spool_configured && !s->spool_ok))
        return "degraded";
    return "ok";
}

static const char *
spool_of(const struct submit_state *s)
{
    if (!s->spool_configured)
        return "none";
    return s->spool_ok ? "ok" : "full";
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
        submit_health(h->submit, &h->state);
        h->seen_ms = clock_now_ms();
    }
    a->status = accepts_events(&h->state) ? 200 : 503;
    a->retry_after_s = accepts_events(&h->state) ? 0 : 1;
    buf_add_char(b, '{');
    jsonout_text(b, "status", str_of(status_of(&h->state)));
    jsonout_text(b, "database", str_of(h->state.database_ok ? "ok" : "down"));
    jsonout_text(b, "writer", str_of(writer_of(&h->state)));
    jsonout_text(b, "spool", str_of(spool_of(&h->state)));
    buf_add_char(b, '}');
}
