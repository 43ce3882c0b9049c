#include "super/leftovers.h"

#include <signal.h>

#include "super/process.h"

/* A group that still has members this long after SIGKILL only has zombies whose parent
 * does not reap them; it disappears with that parent. */
#define GIVE_UP_MS 1000

void
leftovers_add(struct leftovers *l, pid_t group, const void *owner, int64_t kill_at_ms)
{
    if (!process_group_lives(group))
        return;
    if (l->count == LEFTOVERS_MAX) {
        (void)kill(-group, SIGKILL);
        return;
    }
    (void)kill(-group, SIGTERM);
    l->all[l->count++] = (struct leftover){group, owner, kill_at_ms, false};
}

int64_t
leftovers_step(struct leftovers *l, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    size_t kept = 0;

    for (size_t i = 0; i < l->count; i++) {
        struct leftover *k = &l->all[i];

        if (!process_group_lives(k->group) || (k->killed && now_ms >= k->kill_at_ms))
            continue;
        if (now_ms >= k->kill_at_ms) {
            (void)kill(-k->group, SIGKILL);
            k->killed = true;
            k->kill_at_ms = now_ms + GIVE_UP_MS;
        }
        next_ms = k->kill_at_ms < next_ms ? k->kill_at_ms : next_ms;
        l->all[kept++] = *k;
    }
    l->count = kept;
    return next_ms;
}

bool
leftovers_has(const struct leftovers *l, const void *owner)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->all[i].owner == owner)
            return true;
    return false;
}

bool
leftovers_knows(const struct leftovers *l, pid_t group)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->all[i].group == group)
            return true;
    return false;
}

void
leftovers_hurry(struct leftovers *l, int64_t at_ms)
{
    for (size_t i = 0; i < l->count; i++)
        if (!l->all[i].killed && l->all[i].kill_at_ms > at_ms)
            l->all[i].kill_at_ms = at_ms;
}
