/*
 * home: finds the configuration of a copied directory of programs, whatever its name and
 * location.
 *
 * Secrets (password, spool) are stored in a data directory, which must not be reachable
 * through the web.  It is named HOME_NAME and placed above the program, as far up as the
 * user owns the directories, and so above the web root.  If somebody else owns even the
 * directory above the web root, the data directory is placed next to the program, under a
 * name that cannot be guessed: HOME_NAME, "-" and 32 hexadecimal digits.  Nothing points
 * to it; the program searches for it.
 */
#ifndef MESHER_SETUP_HOME_H
#define MESHER_SETUP_HOME_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

#define HOME_NAME "mesher-data"
#define HOME_CONF "mesher.conf"

struct home {
    char program_dir[PATH_MAX];
    uid_t program_owner;
    char data_dir[PATH_MAX]; /* "": unknown */
    bool has_conf;           /* data_dir has a usable mesher.conf */
    bool hidden;             /* only its name protects it */
};

/* Finds the directory of the program (NULL: /proc/self/exe) and the data directory with a
 * configuration in it: the nearest one above first, then next to the program.  A data
 * directory counts only if it belongs to this user, to root or to the owner of the
 * program.  If others can read this user's configuration, as after an FTP upload, its
 * mode is changed so that they cannot.  Returns 0, or -1 with ERROR_SYSTEM. */
int home_find(struct home *out, const char *program, struct error *e) MUST_CHECK;

/* Where a request says that the web server finds files. */
struct home_web {
    const char *root;   /* DOCUMENT_ROOT; NULL: unknown */
    const char *script; /* SCRIPT_NAME; NULL: unknown */
};

/* Finds or creates (mode 0700) the data directory of a home that has none.  Returns 0, or
 * -1 with ERROR_FORBIDDEN (the program runs as a user who does not own it) or
 * ERROR_SYSTEM. */
int home_make(struct home *p, const struct home_web *web, struct error *e) MUST_CHECK;

/* Returns whether the data directory can be requested through the web; false when its
 * name cannot be guessed. */
bool home_is_public(const struct home *p, const struct home_web *web) MUST_CHECK;

/* Finds the directory below which dir is reachable under a web path: of the last names
 * that dir shares with the script's directory, removes all but the first.
 * "/home/u/cgi-bin/m" and "/cgi-bin/m/mesher.cgi" give "/home/u/cgi-bin". */
void home_served(const char *dir, const char *script, char out[PATH_MAX]);

/* Returns whether path is the directory dir or below it.  Neither ends with a slash,
 * except "/" itself. */
bool home_is_below(const char *path, const char *dir) MUST_CHECK;

/* Cuts the last name off an absolute path, in place; returns false when only "/" is
 * left. */
bool home_up(char *path) MUST_CHECK;

/* Returns whether name is HOME_NAME "-" and 32 hexadecimal digits. */
bool home_is_hidden_name(const char *name) MUST_CHECK;

#endif
