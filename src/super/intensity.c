#include "super/intensity.h"

void
intensity_init(struct intensity *i, size_t max, int64_t window_ms)
{
    *i = (struct intensity){0};
    intensity_set(i, max, window_ms);
}

void
intensity_set(struct intensity *i, size_t max, int64_t window_ms)
{
    CHECK(max <= INTENSITY_MAX && window_ms > 0);
    i->max = max;
    i->window_ms = window_ms;
}

bool
intensity_bears(struct intensity *i, int64_t now_ms)
{
    size_t within = 0;

    i->at_ms[i->next] = now_ms;
    i->next = (i->next + 1) % COUNT_OF(i->at_ms);
    if (i->count < COUNT_OF(i->at_ms))
        i->count++;
    for (size_t k = 0; k < i->count; k++)
        within += now_ms - i->at_ms[k] < i->window_ms;
    return within <= i->max;
}
