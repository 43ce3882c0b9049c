#include "monitor/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/limits.h"

#define DIRECTORY "/usr/share/zoneinfo"
#define MAGIC "TZif"

bool
zone_is_name(struct str text)
{
    bool begins = true;

    if (text.n == 0 || text.n > LIMIT_ZONE_BYTES)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '/' && !begins)
            begins = true;
        else if (ascii_is_alnum(c) || c == '-' || c == '+' || c == '_')
            begins = false;
        else
            return false;
    }
    return !begins;
}

/* Returns whether the host has data of this zone: without, localtime_r(3) silently means
 * UTC. */
static bool
is_there(const char *name)
{
    const char *dir = getenv("TZDIR");
    char path[4096], magic[sizeof MAGIC - 1];
    ssize_t n;
    int fd, length =
                snprintf(path, sizeof path, "%s/%s", dir != NULL ? dir : DIRECTORY, name);

    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, magic, sizeof magic);
    (void)close(fd);
    return n == sizeof magic && memcmp(magic, MAGIC, sizeof magic) == 0;
}

int
zone_use(const char *name)
{
    static char in_use[LIMIT_ZONE_BYTES + 2];
    char next[sizeof in_use] = "UTC0";
    bool known =
        zone_is_name(str_of(name)) && (strcmp(name, "UTC") == 0 || is_there(name));

    if (known && strcmp(name, "UTC") != 0)
        (void)snprintf(next, sizeof next, ":%s", name);
    if (strcmp(next, in_use) != 0) {
        (void)memcpy(in_use, next, sizeof in_use);
        if (setenv("TZ", in_use, 1) != 0)
            known = false;
        tzset();
    }
    return known ? 0 : -1;
}

int64_t
zone_offset(int64_t at_s)
{
    struct tm local;
    time_t at = (time_t)at_s;

    return localtime_r(&at, &local) == NULL ? 0 : (int64_t)local.tm_gmtoff;
}
