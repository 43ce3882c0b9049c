#include "front/pace.h"

static int64_t
earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t
pace_deadline_ms(const struct pace *p, bool known)
{
    int64_t whole = known ? p->timeout_ms : earlier(p->timeout_ms, PACE_STRANGER_MS);
    int64_t rate = PACE_GRACE_MS + (int64_t)(p->bytes / PACE_BYTES_PER_S * 1000);

    return p->began_ms + earlier(whole, rate);
}

int
pace_too_slow(struct error *e)
{
    return error_set(e, ERROR_TIMEOUT, "the body did not arrive in time");
}

int
pace_check(const struct pace *p, bool known, int64_t now_ms, struct error *e)
{
    return now_ms < pace_deadline_ms(p, known) ? 0 : pace_too_slow(e);
}
