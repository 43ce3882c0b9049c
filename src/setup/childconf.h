/*
 * childconf: the `child` sections of mesher.conf, which tell mesherd which processes to
 * keep running, and how.
 *
 * Every program reads them, since all read the same file; only mesherd acts on them.
 */
#ifndef MESHER_SETUP_CHILDCONF_H
#define MESHER_SETUP_CHILDCONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"

/* Limits on the processes of one section and on sections, so that a mistake cannot fill
 * the machine. */
#define CHILDCONF_INSTANCES_MAX 256
#define CHILDCONF_SECTIONS_MAX 64
#define CHILDCONF_NAME_MAX 64
#define CHILDCONF_WORDS_MAX 64

/* Every option of a section besides `command`: X(kind, name, default, min, max).  For
 * TEXT, min and max are lengths in bytes. tests/lint/options compares the list with the
 * manual and the sample. */
/* clang-format off */
#define CHILDCONF_OPTIONS(X) \
    X(NUMBER, instances, 0, 0, CHILDCONF_INSTANCES_MAX) \
    X(TEXT, listen, "", 0, 107) \
    X(NUMBER, listen_mode, 0660, 0, 0777) \
    X(NUMBER, listen_backlog, 4096, 1, 65535) \
    X(TEXT, listen_as, "stdin", 1, 16) \
    X(TEXT, ready, "", 0, 107) \
    X(NUMBER, start_timeout, 30000, 100, 3600000) \
    X(TEXT, stop_signal, "TERM", 1, 8) \
    X(NUMBER, stop_timeout, 5000, 1, 600000) \
    X(FLAG, oneshot, false, 0, 1) \
    X(FLAG, alone, false, 0, 1) \
    X(FLAG, rolling, true, 0, 1) \
    X(TEXT, log_file, "", 0, 4095)
/* clang-format on */

#define CHILDCONF_FIELD_TEXT(name) char *name;
#define CHILDCONF_FIELD_NUMBER(name) int64_t name;
#define CHILDCONF_FIELD_FLAG(name) bool name;
#define CHILDCONF_FIELD(kind, name, preset, min, max) CHILDCONF_FIELD_##kind(name)

struct childconf {
    char *name;     /* the section's title: letters, digits and . _ - */
    char **command; /* the program and its arguments, then NULL */
    size_t words;
    CHILDCONF_OPTIONS(CHILDCONF_FIELD)
};

struct childconf_list {
    struct childconf *all; /* in the order of the file */
    size_t count;
};

/* How a child reports that it is ready. */
enum childconf_ready {
    CHILDCONF_READY_AT_ONCE,   /* "": when its program starts */
    CHILDCONF_READY_LINE,      /* "fd:N": by a newline on descriptor N */
    CHILDCONF_READY_NOTIFY,    /* "notify": by READY=1, as sd_notify(3) does */
    CHILDCONF_READY_CONNECTION /* an address: when it accepts connections there */
};

/* Returns the meaning of `ready`; sets *fd for READY_LINE. */
enum childconf_ready childconf_ready_of(const struct childconf *c, int *fd) MUST_CHECK;

/* Returns the number of the signal that stop_signal names. */
int childconf_signal(const struct childconf *c) MUST_CHECK;

/* Returns whether the child gets its listening socket as descriptor 0 (else as 3, by
 * LISTEN_FDS). */
bool childconf_listens_as_stdin(const struct childconf *c) MUST_CHECK;

/* Returns whether the child's program has this name, in any directory. */
bool childconf_runs(const struct childconf *c, const char *name) MUST_CHECK;

/* Returns whether both sections run their processes in the same way; `instances` is
 * ignored. */
bool childconf_same(const struct childconf *a, const struct childconf *b) MUST_CHECK;

/* Returns a copy to be freed with childconf_release(). */
struct childconf childconf_copy(const struct childconf *c) MUST_CHECK;

/* Free the contents; a zeroed struct is allowed. */
void childconf_release(struct childconf *c);
void childconf_list_release(struct childconf_list *l);

/* Appends the sections, in the file's syntax or as a JSON array. */
void childconf_print(const struct childconf_list *l, struct buf *out);
void childconf_print_json(const struct childconf_list *l, struct buf *out);

/* ---- for conf.c, which owns the parser */

struct cfg_t;
struct cfg_opt_t;

/* Reports an error at a line of a file. */
typedef void childconf_complain(const char *file, long line, const char *what);

/* Returns the options of a section, for CFG_SEC. */
struct cfg_opt_t *childconf_options(void) MUST_CHECK;

/* Installs the checks that run on each value as it is read. */
void childconf_check(struct cfg_t *cfg, childconf_complain *to);

/* Moves the parsed sections to *out. */
void childconf_take(struct cfg_t *cfg, struct childconf_list *out);

#endif
