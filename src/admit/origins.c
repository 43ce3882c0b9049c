#include "admit/origins.h"

#include <string.h>

static size_t
slot_of(int64_t project)
{
    return (uint64_t)project % ORIGINS_SLOTS;
}

void
origins_put(struct origins_table *t, int64_t project, int64_t now_ms, struct str list)
{
    struct origins_slot *s = &t->slot[slot_of(project)];

    CHECK(list.n <= ORIGINS_MAX_BYTES);
    s->project = project;
    s->until_ms = now_ms + ORIGINS_TTL_MS;
    s->n = (uint16_t)list.n;
    if (list.n > 0)
        (void)memcpy(s->text, list.p, list.n);
}

bool
origins_get(const struct origins_table *t, int64_t project, int64_t now_ms,
            struct str *list)
{
    const struct origins_slot *s = &t->slot[slot_of(project)];

    if (s->project != project || now_ms >= s->until_ms)
        return false;
    *list = (struct str){s->text, s->n};
    return true;
}

/* The host of an origin, or of a page's address; with its port. */
static struct str
host_of(struct str origin)
{
    for (size_t i = 0; i + 2 < origin.n; i++)
        if (memcmp(origin.p + i, "://", 3) == 0) {
            struct str rest = {origin.p + i + 3, origin.n - i - 3};

            return str_cut(&rest, '/');
        }
    return origin;
}

static struct str
without_port(struct str host)
{
    size_t n = host.n;

    while (n > 0 && host.p[n - 1] >= '0' && host.p[n - 1] <= '9')
        n--;
    return n > 0 && n < host.n && host.p[n - 1] == ':' ? (struct str){host.p, n - 1}
                                                       : host;
}

static bool
ends_in(struct str host, struct str tail)
{
    return host.n > tail.n &&
           str_eq_nocase((struct str){host.p + host.n - tail.n, tail.n}, tail);
}

static bool
matches(struct str entry, struct str origin)
{
    struct str host = host_of(origin), scheme = {origin.p, (size_t)(host.p - origin.p)};
    struct str wanted = host_of(entry),
               wanted_scheme = {entry.p, (size_t)(wanted.p - entry.p)};

    if (str_eq(entry, STR("*")) || str_eq_nocase(entry, origin))
        return true;
    if (wanted_scheme.n > 0 && !str_eq_nocase(wanted_scheme, scheme))
        return false;
    if (str_starts(wanted, STR("*.")))
        return ends_in(without_port(host), (struct str){wanted.p + 1, wanted.n - 1});
    return str_eq_nocase(wanted, host) ||
           (wanted_scheme.n == 0 && str_eq_nocase(wanted, without_port(host)));
}

bool
origins_allow(struct str list, struct str origin)
{
    while (list.p != NULL) {
        struct str words = str_cut(&list, ',');

        while (words.p != NULL) {
            struct str entry = str_trim(str_cut(&words, ' '));

            if (entry.n > 0 && matches(entry, origin))
                return true;
        }
    }
    return false;
}
