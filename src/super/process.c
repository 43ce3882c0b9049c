#include "super/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

struct facts {
    char state;
    long parent, group;
};

/* Reads a small file of /proc/PID; returns its length, 0 when there is none. */
static size_t
read_small(const char *pid, const char *name, char *out, size_t room)
{
    char path[300];
    ssize_t n;
    int fd;

    (void)snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    n = io_read(fd, out, room - 1);
    (void)close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* The name is in parentheses and may contain any: the text after the last one counts. */
static bool
read_facts(const char *pid, struct facts *out)
{
    char text[512];
    char *at, *end;

    if (read_small(pid, "stat", text, sizeof text) == 0)
        return false;
    at = strrchr(text, ')');
    if (at == NULL || at[1] != ' ' || at[2] == '\0')
        return false;
    out->state = at[2];
    out->parent = strtol(at + 3, &end, 10);
    out->group = strtol(end, NULL, 10);
    return true;
}

size_t
process_strays(process_is_known *known, const void *context, int signal_number)
{
    DIR *d = opendir("/proc");
    const struct dirent *entry;
    size_t count = 0;

    if (d == NULL)
        return 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while ((entry = readdir(d)) != NULL) {
        struct facts f;

        if (!isdigit((unsigned char)entry->d_name[0]) || !read_facts(entry->d_name, &f) ||
            f.parent != (long)getpid() || f.state == 'Z' || f.state == 'X' ||
            known(context, (pid_t)f.group))
            continue;
        count++;
        if (signal_number != 0)
            (void)kill((pid_t)strtol(entry->d_name, NULL, 10), signal_number);
    }
    (void)closedir(d);
    return count;
}

bool
process_group_lives(pid_t group)
{
    return kill(-group, 0) == 0 || errno == EPERM;
}

int64_t
process_memory_kib(pid_t pid)
{
    char text[256], name[32];
    char *at = text;
    long resident, shared;

    (void)snprintf(name, sizeof name, "%ld", (long)pid);
    if (read_small(name, "statm", text, sizeof text) == 0)
        return 0;
    (void)strtol(at, &at, 10);
    resident = strtol(at, &at, 10);
    shared = strtol(at, NULL, 10);
    return resident <= shared ? 0 : (resident - shared) * (sysconf(_SC_PAGESIZE) / 1024);
}
