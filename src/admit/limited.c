#include "admit/limited.h"

#include <limits.h>

static const struct limited_slot *
slot_of(const struct limited_table *t, int64_t project)
{
    return &t->slot[(uint64_t)project % LIMITED_SLOTS];
}

void
limited_put(struct limited_table *t, int64_t project, int64_t asked_ms, int64_t now_ms,
            int64_t retry_ms)
{
    int64_t until_ms = asked_ms + retry_ms - 1; /* retry_ms was rounded up */

    if (until_ms > now_ms + LIMITED_TTL_MS)
        until_ms = now_ms + LIMITED_TTL_MS;
    t->slot[(uint64_t)project % LIMITED_SLOTS] =
        (struct limited_slot){.project = project,
                              .refuse_until_ms = until_ms,
                              .window_end_ms = now_ms + retry_ms};
}

bool
limited_is(const struct limited_table *t, int64_t project, int64_t now_ms,
           int64_t *retry_ms)
{
    const struct limited_slot *s = slot_of(t, project);

    if (s->project != project || now_ms >= s->refuse_until_ms)
        return false;
    *retry_ms = s->window_end_ms - now_ms;
    return true;
}

int
limited_retry_after_s(int64_t retry_ms)
{
    int64_t s = retry_ms <= 0 ? 1 : (retry_ms + 999) / 1000;

    return s > INT_MAX ? INT_MAX : (int)s;
}
