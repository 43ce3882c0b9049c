#include "base/confine.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/num.h"

/* Sanitizers read /proc, start a symbolizer, and trace the process at its end. */
#ifdef MESHER_SANITIZE
#    define HAS_CONFINING false
#else
#    define HAS_CONFINING true
#endif

#define STATUS_BYTES 16384U

/* Newer than the headers in Debian 12. */
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

#define FIRST_VERSION 2 /* renames from one directory to another */
#define TRUNCATE_VERSION 3

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                              \
    (READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |          \
     LANDLOCK_ACCESS_FS_REFER | ACCESS_TRUNCATE)

/* Never needed here: programs, devices, pipes, links, sockets in the file system. */
#define NEVER                                                       \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |   \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |  \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
     LANDLOCK_ACCESS_FS_MAKE_SYM)

/* All rights that a rule for a file, rather than a directory, may have. */
#define OF_FILES \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)

static uint64_t
known_accesses(int version)
{
    return version >= TRUNCATE_VERSION ? WRITING | NEVER
                                       : (WRITING | NEVER) & ~ACCESS_TRUNCATE;
}

int
confine_landlock_version(void)
{
    long version =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return version >= FIRST_VERSION && version < INT_MAX ? (int)version : 0;
}

bool
confine_is_possible(void)
{
    return HAS_CONFINING && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

struct confine
confine_begin(enum confine_program program)
{
    struct confine c = {
        .program = program, .rules = -1, .version = confine_landlock_version()};
    struct landlock_ruleset_attr attr = {.handled_access_fs = known_accesses(c.version)};

    if (HAS_CONFINING && c.version > 0)
        c.rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    return c;
}

static void
allow(struct confine *c, const char *path, uint64_t accesses)
{
    struct landlock_path_beneath_attr attr = {.allowed_access =
                                                  accesses & known_accesses(c->version)};
    struct stat st;

    if (c->rules < 0)
        return;
    attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (attr.parent_fd < 0)
        return;
    if (fstat(attr.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
        attr.allowed_access &= OF_FILES;
    /* A path that cannot be allowed would be missing later, so nothing is enforced. */
    if (syscall(SYS_landlock_add_rule, c->rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) !=
        0) {
        (void)close(c->rules);
        c->rules = -1;
    }
    (void)close(attr.parent_fd);
}

void
confine_read(struct confine *c, const char *path)
{
    allow(c, path, READING);
}

void
confine_write(struct confine *c, const char *path)
{
    allow(c, path, WRITING);
}

void
confine_write_beside(struct confine *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    char above[PATH_MAX] = ".";

    if (path[0] == '\0')
        return;
    if (slash == path || (slash != NULL && (size_t)(slash - path) >= sizeof above)) {
        allow(c, path, WRITING); /* next to it is the whole file system */
        return;
    }
    if (slash != NULL) {
        (void)memcpy(above, path, (size_t)(slash - path));
        above[slash - path] = '\0';
    }
    allow(c, above, WRITING);
}

struct confine_state
confine_end(struct confine *c)
{
    struct confine_state state = {.landlock = 0};
    const struct rlimit none = {0, 0};

    if (!HAS_CONFINING)
        return state;
    state.no_dumps = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
    (void)!setrlimit(RLIMIT_CORE,
                     &none); /* redundant after PR_SET_DUMPABLE; some units forbid it */
    state.no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    if (c->rules >= 0) {
        if (syscall(SYS_landlock_restrict_self, c->rules, 0) == 0)
            state.landlock = c->version;
        (void)close(c->rules);
        c->rules = -1;
    }
    state.seccomp = confine_calls(c->program);
    return state;
}

/* The first number after "Name:" on a line of its own. */
static int64_t
number_of(struct str text, const char *name)
{
    struct str start = str_of(name), line;
    int64_t n;

    while ((line = str_cut(&text, '\n')).n > 0) {
        if (!str_starts(line, start))
            continue;
        line = str_trim((struct str){line.p + start.n, line.n - start.n});
        return num_parse(str_cut(&line, '\t'), 0, INT64_MAX, &n) == 0 ? n : -1;
    }
    return -1;
}

int
confine_look(pid_t pid, struct confine_seen *out)
{
    struct buf text = buf_init(STATUS_BYTES);
    struct error ignored;
    char path[64];
    int64_t uid = -1;

    (void)snprintf(path, sizeof path, "/proc/%lld/status", (long long)pid);
    if (io_read_file(path, &text, &ignored) == 0) {
        struct str all = buf_str(&text);

        uid = number_of(all, "Uid:");
        *out = (struct confine_seen){.seccomp = number_of(all, "Seccomp:") > 0,
                                     .no_new_privs = number_of(all, "NoNewPrivs:") == 1,
                                     .uid = (uid_t)uid,
                                     .gid = (gid_t)number_of(all, "Gid:")};
    }
    buf_release(&text);
    return uid < 0 ? -1 : 0;
}
