/* The filter of system calls; see confine.h.
 *
 * It is written by hand: libseccomp takes a millisecond per process to build a filter,
 * and a CGI program lives for little longer than that.  The table is sorted and searched
 * by bisection, which also keeps the kernel's work short.
 *
 * Calls in no table return ENOSYS, as from an older kernel, so that libraries use their
 * fallback.  Calls that only an attacker would make end the process. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/confine.h"

#if defined(__x86_64__)
#    define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#    define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#    define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#if defined(ARCHITECTURE) && !defined(MESHER_SANITIZE)

enum {
    ALL = CONFINE_FASTCGI | CONFINE_CGI | CONFINE_HANDLER,
    F = CONFINE_FASTCGI,
    C = CONFINE_CGI,
    W = CONFINE_HANDLER,
    DEADLY = 8,  /* ends the process */
    CHECKED = 16 /* depends on its arguments */
};

#    define CALL(name, who)   \
        {                     \
            SYS_##name, (who) \
        }

/* Which program may make which calls.  On the left: the reason. */
static const struct call {
    uint16_t number, who;
} calls[] = {
    /* descriptors */
    CALL(read, ALL), CALL(readv, ALL), CALL(write, ALL), CALL(writev, ALL),
    CALL(pread64, ALL), CALL(pwrite64, ALL), CALL(lseek, ALL), CALL(close, ALL),
    CALL(fcntl, ALL), CALL(ioctl, ALL), CALL(dup, ALL), CALL(dup3, ALL),
    /* waiting */
    CALL(ppoll, ALL), CALL(pselect6, ALL), CALL(epoll_create1, F), CALL(epoll_ctl, F),
    CALL(epoll_pwait, F), CALL(signalfd4, W), CALL(clock_nanosleep, ALL),
    CALL(nanosleep, ALL), CALL(restart_syscall, ALL),
    /* files: Landlock decides which ones */
    CALL(openat, ALL), CALL(newfstatat, ALL), CALL(fstat, ALL), CALL(statx, ALL),
    CALL(statfs, ALL), CALL(fstatfs, ALL), CALL(faccessat, ALL), CALL(faccessat2, ALL),
    CALL(readlinkat, ALL), CALL(getcwd, ALL), CALL(getdents64, ALL), CALL(unlinkat, ALL),
    CALL(renameat2, ALL), CALL(mkdirat, ALL), CALL(ftruncate, ALL), CALL(fallocate, ALL),
    CALL(fadvise64, ALL), CALL(fsync, ALL), CALL(fdatasync, ALL), CALL(flock, ALL),
    CALL(utimensat, ALL), CALL(fchmod, ALL), CALL(umask, ALL),
    /* memory, and libraries that are loaded late */
    CALL(mmap, ALL), CALL(munmap, ALL), CALL(mremap, ALL), CALL(mprotect, ALL),
    CALL(madvise, ALL), CALL(msync, ALL), CALL(brk, ALL), CALL(futex, ALL),
    CALL(set_robust_list, ALL), CALL(rseq, ALL),
    /* sockets: writer, PostgreSQL, names, syslog; the responder's own listens already */
    CALL(socket, CHECKED), CALL(connect, ALL), CALL(accept, F), CALL(accept4, F),
    CALL(sendto, ALL), CALL(sendmsg, ALL), CALL(sendmmsg, ALL), CALL(recvfrom, ALL),
    CALL(recvmsg, ALL), CALL(getsockopt, ALL), CALL(setsockopt, ALL),
    CALL(getsockname, ALL), CALL(getpeername, ALL), CALL(shutdown, ALL),
    /* the watchdog of slow requests: its timer, and its places */
    CALL(timer_create, F), CALL(timer_settime, F), CALL(bind, F),
    /* signals */
    CALL(rt_sigaction, ALL), CALL(rt_sigprocmask, ALL), CALL(rt_sigpending, ALL),
    CALL(rt_sigtimedwait, ALL), CALL(rt_sigreturn, ALL), CALL(sigaltstack, ALL),
    CALL(tgkill, ALL),
    /* queries to the kernel */
    CALL(clock_gettime, ALL), CALL(clock_getres, ALL), CALL(gettimeofday, ALL),
    CALL(getrandom, ALL), CALL(getpid, ALL), CALL(gettid, ALL), CALL(getppid, ALL),
    CALL(getuid, ALL), CALL(geteuid, ALL), CALL(getgid, ALL), CALL(getegid, ALL),
    CALL(getgroups, ALL), CALL(uname, ALL), CALL(sysinfo, ALL), CALL(getrusage, ALL),
    CALL(prlimit64, ALL), CALL(sched_yield, ALL), CALL(sched_getaffinity, ALL),
    /* exit, and the start of the replay process */
    CALL(exit, ALL), CALL(exit_group, ALL), CALL(clone, CHECKED), CALL(setsid, C),
    CALL(wait4, C),
#    if defined(__x86_64__)
    /* calls that newer architectures no longer have */
    CALL(poll, ALL), CALL(select, ALL), CALL(epoll_wait, F), CALL(open, ALL),
    CALL(stat, ALL), CALL(lstat, ALL), CALL(access, ALL), CALL(readlink, ALL),
    CALL(unlink, ALL), CALL(rename, ALL), CALL(renameat, ALL), CALL(mkdir, ALL),
    CALL(dup2, ALL), CALL(time, ALL), CALL(getrlimit, ALL), CALL(arch_prctl, ALL),
#    elif defined(__aarch64__)
    CALL(renameat, ALL),
#    endif
    /* only injected code would call these */
    CALL(execve, DEADLY), CALL(execveat, DEADLY), CALL(ptrace, DEADLY),
    CALL(process_vm_readv, DEADLY), CALL(process_vm_writev, DEADLY), CALL(mount, DEADLY),
    CALL(umount2, DEADLY), CALL(pivot_root, DEADLY), CALL(chroot, DEADLY),
    CALL(unshare, DEADLY), CALL(setns, DEADLY), CALL(bpf, DEADLY),
    CALL(perf_event_open, DEADLY), CALL(userfaultfd, DEADLY), CALL(init_module, DEADLY),
    CALL(finit_module, DEADLY), CALL(kexec_load, DEADLY)};

#    define INSTRUCTIONS 1024U

struct filter {
    size_t n;
    struct sock_filter code[INSTRUCTIONS];
};

static size_t
put(struct filter *f, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
    CHECK(f->n < INSTRUCTIONS);
    f->code[f->n] = (struct sock_filter){code, yes, no, k};
    return f->n++;
}

static void
put_load(struct filter *f, size_t at)
{
    (void)put(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)at, 0, 0);
}

static void
put_result(struct filter *f, uint32_t result)
{
    (void)put(f, BPF_RET | BPF_K, result, 0, 0);
}

/* The low half of an argument: all arguments checked here are ints. */
static size_t
argument(size_t i)
{
    size_t at = offsetof(struct seccomp_data, args) + i * sizeof(uint64_t);

#    if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    at += sizeof(uint32_t);
#    endif
    return at;
}

static void
put_socket(struct filter *f)
{
    static const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6,
                                        AF_NETLINK /* getaddrinfo(3) */};

    put_load(f, argument(0));
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        (void)put(f, BPF_JMP | BPF_JEQ | BPF_K, families[i], 0, 1);
        put_result(f, SECCOMP_RET_ALLOW);
    }
    put_result(f, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
}

/* A new process, as fork(3) creates it, and no namespace.  (clone3, whose flags cannot be
 * inspected, returns ENOSYS, and the C library falls back to this call.) */
static void
put_clone(struct filter *f, enum confine_program program)
{
    const uint32_t spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                            CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

    if (program != CONFINE_CGI) {
        put_result(f, SECCOMP_RET_ERRNO | EPERM);
        return;
    }
    put_load(f, argument(0));
    (void)put(f, BPF_JMP | BPF_JSET | BPF_K, spaces, 0, 1);
    put_result(f, SECCOMP_RET_KILL_PROCESS);
    put_result(f, SECCOMP_RET_ALLOW);
}

/* Calls from this number to that of the next range, and their result. */
struct range {
    uint32_t from;
    uint32_t result; /* CHECKED: depends on the arguments */
};

#    define RANGES (2 * COUNT_OF(calls) + 1)
#    define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)

static void
put_outcome(struct filter *f, const struct range *r, enum confine_program program)
{
    if (r->result != CHECKED)
        put_result(f, r->result);
    else if (r->from == SYS_socket)
        put_socket(f);
    else
        put_clone(f, program);
}

/* The code of this many ranges is shorter than the longest conditional jump. */
#    define NEAR 60U
#    define DEPTH 16U

/* Ranges whose code is still to be written, and the jump that leads to it. */
struct part {
    const struct range *r;
    size_t count;
    size_t jump; /* 0: none, it follows the code so far */
};

/* Points the jump to the next instruction written. */
static void
land(struct filter *f, size_t jump)
{
    struct sock_filter *from = &f->code[jump];
    size_t over = f->n - jump - 1;

    if (BPF_OP(from->code) == BPF_JA) {
        from->k = (uint32_t)over;
    } else {
        CHECK(over <= UINT8_MAX);
        from->jt = (uint8_t)over;
    }
}

/* Writes a test of whether the call is at or after `middle`; returns the jump for yes. */
static size_t
put_question(struct filter *f, uint32_t middle, bool near)
{
    if (near)
        return put(f, BPF_JMP | BPF_JGE | BPF_K, middle, 0, 0);
    (void)put(f, BPF_JMP | BPF_JGE | BPF_K, middle, 0, 1);
    return put(f, BPF_JMP | BPF_JA, 0, 0, 0);
}

/* Writes code that finds the call among all ranges; every path through it ends in a
 * result. */
static void
put_ranges(struct filter *f, const struct range *r, size_t count,
           enum confine_program program)
{
    struct part open[DEPTH] = {{r, count, 0}};
    size_t depth = 1;

    while (depth > 0) {
        struct part now = open[--depth];

        if (now.jump > 0)
            land(f, now.jump);
        while (now.count > 1) {
            size_t middle = now.count / 2;

            CHECK(depth < DEPTH);
            open[depth].r = now.r + middle;
            open[depth].count = now.count - middle;
            open[depth++].jump = put_question(f, now.r[middle].from, middle <= NEAR);
            now.count = middle;
        }
        put_outcome(f, now.r, program);
    }
}

static int
by_number(const void *pa, const void *pb)
{
    const struct call *a = pa, *b = pb;

    return (a->number > b->number) - (a->number < b->number);
}

static uint32_t
result_of(const struct call *c, enum confine_program program)
{
    if (c->who == CHECKED)
        return CHECKED;
    if (c->who == DEADLY)
        return SECCOMP_RET_KILL_PROCESS;
    return (c->who & program) != 0 ? SECCOMP_RET_ALLOW : UNKNOWN;
}

static void
add_range(struct range *ranges, size_t *n, uint32_t from, uint32_t result)
{
    if (*n > 0 && ranges[*n - 1].result == result && result != CHECKED)
        return; /* extends the last range */
    ranges[*n] = (struct range){from, result};
    ++*n;
}

/* Covers all numbers from 0 on.  Returns the number of ranges. */
static size_t
find_ranges(enum confine_program program, struct range out[RANGES])
{
    struct call sorted[COUNT_OF(calls)];
    uint32_t next = 0;
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(calls); i++)
        sorted[i] = calls[i];
    qsort(sorted, COUNT_OF(sorted), sizeof sorted[0], by_number);
    for (size_t i = 0; i < COUNT_OF(sorted); i++) {
        if (sorted[i].number > next)
            add_range(out, &n, next, UNKNOWN);
        add_range(out, &n, sorted[i].number, result_of(&sorted[i], program));
        next = sorted[i].number + 1U;
    }
    add_range(out, &n, next, UNKNOWN);
    return n;
}

bool
confine_calls(enum confine_program program)
{
    struct range ranges[RANGES];
    size_t count = find_ranges(program, ranges);
    struct filter f;
    struct sock_fprog prog;

    f.n = 0;
    put_load(&f, offsetof(struct seccomp_data, arch));
    (void)put(&f, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    put_result(&f, SECCOMP_RET_KILL_PROCESS);
    put_load(&f, offsetof(struct seccomp_data, nr));
    put_ranges(&f, ranges, count, program);
    prog = (struct sock_fprog){.len = (unsigned short)f.n, .filter = f.code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0;
}

#else

bool
confine_calls(enum confine_program program)
{
    (void)program;
    return false;
}

#endif
