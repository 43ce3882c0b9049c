#include "doctor/reach.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/confine.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/str.h"

/* Runs in a child, since root cannot be regained once dropped.  Exits with errno. */
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

bool
reach_is_program(const char *pid, const char *const *programs)
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

/* Returns whether the word is in a file of a process with NUL-terminated words.  *any:
 * whether a word begins with `prefix`. */
static bool
has_word(const char *pid, const char *file, const char *prefix, const char *path,
         bool *any)
{
    char name[64];
    struct buf text = buf_init(LIMIT_MIB);
    struct str rest, start = str_of(prefix);
    struct error ignored;
    bool found = false;

    (void)snprintf(name, sizeof name, "/proc/%.20s/%s", pid, file);
    if (io_read_file(name, &text, &ignored) != 0)
        *any = true; /* unknown */
    rest = buf_str(&text);
    while (rest.n > 0 && !found) {
        struct str word = str_cut(&rest, '\0');

        if (!str_starts(word, start))
            continue;
        *any = true;
        found = str_eq((struct str){word.p + start.n, word.n - start.n}, str_of(path));
    }
    buf_release(&text);
    return found;
}

/* By MESHER_CONF, by --conf FILE, or by neither: the package's own file. */
static bool
runs_on(const char *pid, const char *path)
{
    bool told = false, has_option = false, ignored = false;

    if (has_word(pid, "environ", "MESHER_CONF=", path, &told))
        return true;
    if (has_word(pid, "cmdline", "--conf=", path, &has_option) ||
        (has_word(pid, "cmdline", "--conf", "", &has_option) &&
         has_word(pid, "cmdline", "", path, &ignored)))
        return true;
    return !told && !has_option && strcmp(path, MESHER_CONF_FILE) == 0;
}

/* Calls back for each process of these programs that uses the configuration, or any. */
static void
each_process(const char *const *programs, bool any_conf, const char *path,
             void (*take)(void *context, const struct confine_seen *seen), void *context)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;

    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        struct confine_seen seen;

        if (isdigit((unsigned char)entry->d_name[0]) &&
            reach_is_program(entry->d_name, programs) &&
            (any_conf || (path != NULL && runs_on(entry->d_name, path))) &&
            confine_look((pid_t)strtol(entry->d_name, NULL, 10), &seen) == 0)
            take(context, &seen);
    }
    if (proc != NULL)
        (void)closedir(proc);
}

struct users {
    struct reach_user *users;
    size_t n;
};

static void
take_user(void *context, const struct confine_seen *seen)
{
    struct users *u = context;

    if (u->n < REACH_USERS)
        u->n = add_user(u->users, u->n, seen->uid, seen->gid);
}

size_t
reach_users(const char *const *programs, struct reach_user out[REACH_USERS])
{
    struct users u = {out, 0};

    each_process(programs, true, NULL, take_user, &u);
    return u.n;
}

size_t
reach_users_of(const char *const *programs, const char *path,
               struct reach_user out[REACH_USERS])
{
    struct users u = {out, 0};

    each_process(programs, false, path, take_user, &u);
    return u.n;
}

struct counts {
    size_t all, confined;
};

static void
count(void *context, const struct confine_seen *seen)
{
    struct counts *c = context;

    c->all++;
    c->confined += seen->seccomp && seen->no_new_privs;
}

size_t
reach_confined(const char *const *programs, const char *path, size_t *confined)
{
    struct counts c = {0, 0};

    each_process(programs, false, path, count, &c);
    *confined = c.confined;
    return c.all;
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
