/*
 * home: where a copied directory of programs finds its configuration, whatever it is
 * called and wherever it was put.
 *
 * What is secret (password, spool) lies in a data directory, which is not to be reached
 * through the web: its name is HOME_NAME and it stands above the program, as far up as
 * the directories are the user's own, and so above the web root.  Where even the
 * directory above the web root is somebody else's, it stands beside the program and has a
 * name that nobody can guess: HOME_NAME, "-" and 32 hexadecimal digits.  Nothing points
 * to it; the program looks.
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
    char data_dir[PATH_MAX]; /* "": not known */
    bool has_conf;           /* data_dir has a mesher.conf that may be used */
    bool hidden;             /* it is protected by its name alone */
};

/* Finds the directory of the program (NULL: /proc/self/exe), and the data directory with
 * a configuration in it, the nearest one above first, then beside it.  One that belongs
 * to neither this user, nor root, nor whose the program is, does not count.  A
 * configuration of this user's that others may read is made unreadable for them: FTP
 * leaves it so.  Returns 0, or -1 with ERROR_SYSTEM. */
int home_find(struct home *out, const char *program, struct error *e) MUST_CHECK;

/* What a request tells of where the web server takes files from. */
struct home_web {
    const char *root;   /* DOCUMENT_ROOT; NULL: not known */
    const char *script; /* SCRIPT_NAME; NULL: not known */
};

/* Finds or makes (mode 0700) the data directory of a home without one.  Returns 0, or -1
 * with ERROR_FORBIDDEN (the program belongs to another user than it runs as) or
 * ERROR_SYSTEM. */
int home_make(struct home *p, const struct home_web *web, struct error *e) MUST_CHECK;

/* Can the data directory be asked for through the web?  Not when nobody can know its
 * name. */
bool home_is_public(const struct home *p, const struct home_web *web) MUST_CHECK;

/* The directory from which on dir is reached under a name of the web's: the last names
 * of dir that are also those of the script's directory are taken away but for the first
 * of them.  "/home/u/cgi-bin/m" and "/cgi-bin/m/mesher.cgi" give "/home/u/cgi-bin". */
void home_served(const char *dir, const char *script, char out[PATH_MAX]);

/* Is path the directory dir, or in it?  Neither ends with a slash, but "/" itself. */
bool home_is_below(const char *path, const char *dir) MUST_CHECK;

/* Cuts the last name off an absolute path, in place; false when nothing is left but
 * "/". */
bool home_up(char *path) MUST_CHECK;

/* Is it HOME_NAME "-" and 32 hexadecimal digits? */
bool home_is_hidden_name(const char *name) MUST_CHECK;

#endif
