#include "base/budget.h"

#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

struct budget the_budget = {.look_at = UINT64_MAX, .began_ns = -1, .doing = ""};

void
budget_begin(int64_t cpu_ms)
{
    the_budget = (struct budget){.look_at = cpu_ms > 0 ? BUDGET_LOOK_BYTES : UINT64_MAX,
                                 .limit_ns = cpu_ms * NS_PER_MS,
                                 .began_ns = -1,
                                 .doing = "reading the request"};
}

/* A small request never reads the clock: its time counts from the first reading on. */
bool
budget_look(void)
{
    struct timespec t;
    int64_t now_ns;

    if (the_budget.over)
        return false;
    the_budget.look_at = the_budget.spent + BUDGET_LOOK_BYTES;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0)
        return true;
    now_ns = (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
    if (the_budget.began_ns < 0)
        the_budget.began_ns = now_ns;
    if (now_ns - the_budget.began_ns < the_budget.limit_ns)
        return true;
    the_budget.over = true;
    the_budget.look_at = 0;
    return false;
}

int
budget_check(struct error *e)
{
    if (!the_budget.over)
        return 0;
    return error_set(e, ERROR_COSTLY,
                     "took too long: more than %lld ms of processor time, %s",
                     (long long)(the_budget.limit_ns / NS_PER_MS), the_budget.doing);
}
