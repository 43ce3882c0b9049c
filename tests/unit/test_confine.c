#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.h"
#include "unit.h"

/* What a confined child is asked; what it does is its exit status. */
typedef int question(const char *dir);

static struct confine_state
confine_to(const char *dir, enum confine_program program)
{
    struct confine c = confine_begin(program);
    char below[300];

    (void)snprintf(below, sizeof below, "%s/ours/spool", dir);
    confine_read(&c, "/etc");
    confine_read(&c, "/nowhere/at/all");
    confine_write_beside(&c, below);
    confine_write(&c, "/dev/null");
    return confine_end(&c);
}

/* The wait status of a child that asks it when it is confined; 255 of exit: it was not.
 */
static int
ask(enum confine_program program, question *q)
{
    const char *dir = unit_dir();
    char path[300];
    int status = -1;
    pid_t pid;

    (void)snprintf(path, sizeof path, "%s/ours", dir);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/theirs", dir);
    (void)close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        struct confine_state s = confine_to(dir, program);

        _exit(s.seccomp && s.no_dumps && s.no_new_privs ? q(dir) : 255);
    }
    UNIT(pid > 0 && waitpid(pid, &status, 0) == pid);
    return status;
}

static bool
answers(enum confine_program program, question *q, int expected)
{
    int status = ask(program, q);

    return !confine_is_possible() ||
           (WIFEXITED(status) && WEXITSTATUS(status) == expected);
}

static bool
is_killed(enum confine_program program, question *q)
{
    int status = ask(program, q);

    return !confine_is_possible() || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static int
run_a_program(const char *dir)
{
    static char name[] = "true";
    char *const words[] = {name, NULL}, *const none[] = {NULL};

    (void)dir;
    (void)execve("/bin/true", words, none);
    return 1;
}

static int
trace_another(const char *dir)
{
    (void)dir;
    return syscall(SYS_ptrace, 16 /* attach */, getppid(), NULL, NULL) == 0;
}

static int
open_for_reading(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    return fd >= 0 ? 0 : errno;
}

static int
read_elsewhere(const char *dir)
{
    char path[300];

    (void)snprintf(path, sizeof path, "%s/theirs", dir);
    return open_for_reading(path);
}

static int
write_elsewhere(const char *dir)
{
    char path[300];

    (void)snprintf(path, sizeof path, "%s/new", dir);
    return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? 0 : errno;
}

static int
write_what_is_only_read(const char *dir)
{
    (void)dir;
    return open("/etc/mesher-test", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? 0
                                                                               : errno;
}

static int
make(const char *dir)
{
    return mkdir(dir, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/* As the spool does it. */
static int
work(const char *dir)
{
    char spool[300], tmp[320], fresh[320], from[340], to[340];
    int fd;

    (void)snprintf(spool, sizeof spool, "%s/ours/spool", dir);
    (void)snprintf(tmp, sizeof tmp, "%s/tmp", spool);
    (void)snprintf(fresh, sizeof fresh, "%s/new", spool);
    (void)snprintf(from, sizeof from, "%s/1", tmp);
    (void)snprintf(to, sizeof to, "%s/1", fresh);
    if (make(spool) != 0 || make(tmp) != 0 || make(fresh) != 0)
        return 1;
    fd = open(from, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0 || ftruncate(fd, 0) != 0)
        return 2;
    if (rename(from, to) != 0 || open_for_reading(to) != 0 || unlink(to) != 0)
        return 3;
    if (open_for_reading("/etc/passwd") != 0 || open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
        return 4;
    return 0;
}

static int
make_sockets(const char *dir)
{
    (void)dir;
    if (socket(AF_UNIX, SOCK_STREAM, 0) < 0 || socket(AF_INET, SOCK_STREAM, 0) < 0)
        return 1;
    return socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT ? 0 : 2;
}

static int
fork_away(const char *dir)
{
    pid_t pid = fork();
    int status = 0;

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(work(dir));
    return waitpid(pid, &status, 0) == pid ? status : 1;
}

static int
unknown_call(const char *dir)
{
    (void)dir;
    return syscall(SYS_personality, 0xffffffff) < 0 ? errno : 0;
}

static const enum confine_program programs[] = {CONFINE_FASTCGI, CONFINE_CGI,
                                                CONFINE_HANDLER};

static void
no_program_is_run_and_none_traced(void)
{
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        UNIT(is_killed(programs[i], run_a_program));
        UNIT(is_killed(programs[i], trace_another));
    }
}

static void
files_elsewhere_are_out_of_reach(void)
{
    bool landlock = confine_landlock_version() > 0;

    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        UNIT(!landlock || answers(programs[i], read_elsewhere, EACCES));
        UNIT(!landlock || answers(programs[i], write_elsewhere, EACCES));
        UNIT(!landlock || answers(programs[i], write_what_is_only_read, EACCES));
        UNIT(answers(programs[i], work, 0));
    }
}

static void
what_is_not_known_is_not_there(void)
{
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        UNIT(answers(programs[i], unknown_call, ENOSYS));
        UNIT(answers(programs[i], make_sockets, 0));
    }
}

static void
only_cgi_forks(void)
{
    UNIT(answers(CONFINE_CGI, fork_away, 0));
    UNIT(answers(CONFINE_FASTCGI, fork_away, EPERM));
    UNIT(answers(CONFINE_HANDLER, fork_away, EPERM));
}

static void
what_is_in_force_is_seen_from_outside(void)
{
    struct confine_seen seen;

    UNIT_EQ(confine_look(getpid(), &seen), 0);
    UNIT(seen.uid == geteuid() && seen.gid == getegid());
    UNIT_EQ(confine_look(0x7fffffff, &seen), -1);
}

static const struct unit_test tests[] = {
    {"no_program_is_run_and_none_traced", no_program_is_run_and_none_traced},
    {"files_elsewhere_are_out_of_reach", files_elsewhere_are_out_of_reach},
    {"what_is_not_known_is_not_there", what_is_not_known_is_not_there},
    {"only_cgi_forks", only_cgi_forks},
    {"what_is_in_force_is_seen_from_outside", what_is_in_force_is_seen_from_outside},
};

const struct unit_suite suite_confine = {"confine", tests, COUNT_OF(tests)};
