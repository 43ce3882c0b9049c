#include "doctor/reach.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/str.h"

/* In a child, since nobody comes back from giving up root.  Exits with errno. */
NO_RETURN static void
ask_as(uid_t uid, gid_t gid, const char *path, int mode)
{
    const struct passwd *who = getpwuid(uid);

    if ((who != NULL ? initgroups(who->pw_name, gid) : setgroups(1, &gid)) != 0 ||
        setgid(gid) != 0 || setuid(uid) != 0)
        _exit(255);
    _exit(access(path, mode) == 0 ? 0 : errno);
}

enum reach
reach_of(uid_t uid, gid_t gid, const char *path, int mode)
{
    pid_t pid;
    int status = 0;

    if (uid == geteuid())
        return access(path, mode) == 0 ? REACH_YES : REACH_NO;
    if (geteuid() != 0)
        return REACH_UNKNOWN;
    pid = fork();
    if (pid == 0)
        ask_as(uid, gid, path, mode);
    while (pid > 0 && waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return REACH_UNKNOWN;
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 255)
        return REACH_UNKNOWN;
    errno = WEXITSTATUS(status);
    return errno == 0 ? REACH_YES : REACH_NO;
}

static bool
is_one_of(const char *pid, const char *const *programs)
{
    char path[64];
    struct buf text = buf_init(64);
    struct error ignored;
    bool found = false;

    (void)snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
    if (io_read_file(path, &text, &ignored) == 0) {
        struct str rest = buf_str(&text), name = str_cut(&rest, '\n');

        for (; *programs != NULL && !found; programs++)
            found = str_eq(name, str_of(*programs));
    }
    buf_release(&text);
    return found;
}

static size_t
add_user(struct reach_user *users, size_t n, uid_t uid, gid_t gid)
{
    for (size_t i = 0; i < n; i++)
        if (users[i].uid == uid)
            return n;
    users[n] = (struct reach_user){uid, gid};
    return n + 1;
}

size_t
reach_users(const char *const *programs, struct reach_user out[REACH_USERS])
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    size_t n = 0;

    if (proc == NULL)
        return 0;
    while (n < REACH_USERS && (entry = readdir(proc)) != NULL) {
        struct stat st;

        if (isdigit((unsigned char)entry->d_name[0]) &&
            is_one_of(entry->d_name, programs) &&
            fstatat(dirfd(proc), entry->d_name, &st, 0) == 0)
            n = add_user(out, n, st.st_uid, st.st_gid);
    }
    (void)closedir(proc);
    return n;
}

void
reach_user_name(uid_t uid, char out[64])
{
    const struct passwd *who = getpwuid(uid);

    if (who != NULL)
        (void)snprintf(out, 64, "%.63s", who->pw_name);
    else
        (void)snprintf(out, 64, "%u", (unsigned)uid);
}
