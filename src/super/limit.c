#include "super/limit.h"

#include <sys/resource.h>

/* mesherd's own, and room for two while a child starts. */
#define NEEDED (LIMIT_PARKED + 64)

int
limit_raise(struct error *e)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return error_errno(e, "getrlimit");
    if (limit.rlim_max < NEEDED) {
        error_set(e, ERROR_CONFIG, "too few descriptors");
        return error_detail(
            e,
            "the hard limit is %llu, and %d are needed: ulimit -Hn 4096 as root, or "
            "LimitNOFILE=4096 in the unit, or nofile in /etc/security/limits.conf",
            (unsigned long long)limit.rlim_max, NEEDED);
    }
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? 0 : error_errno(e, "setrlimit");
}
