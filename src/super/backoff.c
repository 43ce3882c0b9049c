#include "super/backoff.h"

int64_t
backoff_after(struct backoff *b, int64_t lived_ms)
{
    int64_t wait_ms = lived_ms >= BACKOFF_STABLE_MS ? 0 : b->next_ms;

    b->next_ms = wait_ms == 0 ? BACKOFF_FIRST_MS : wait_ms * 2;
    if (b->next_ms > BACKOFF_MAX_MS)
        b->next_ms = BACKOFF_MAX_MS;
    return wait_ms;
}
