/* The configuration file, directories and disk. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "doctor/doctor.h"
#include "doctor/reach.h"
#include "spool/folder.h"

#define PATH_BYTES 4200U

static void
check_conf(struct doctor *d)
{
    const char *path = d->conf_path;
    struct stat st;

    if (path == NULL) {
        report_add(&d->report, REPORT_OK, "config",
                   "no file: defaults and MESHER_ variables");
        return;
    }
    report_add(&d->report, REPORT_OK, "config", "%s is sound", path);
    if (stat(path, &st) != 0)
        return;
    if ((st.st_mode & S_IWOTH) != 0) {
        report_add(&d->report, REPORT_FAIL, "config-mode",
                   "everybody may change %s (mode %04o)", path,
                   (unsigned)st.st_mode & 07777U);
        report_why(&d->report, "mesherd runs any program named in it");
    } else if ((st.st_mode & S_IROTH) != 0 && conf_has_password(d->conf)) {
        report_add(&d->report, REPORT_FAIL, "config-mode",
                   "everybody may read %s (mode %04o)", path,
                   (unsigned)st.st_mode & 07777U);
        report_why(&d->report, "it has the database password; passfile=FILE in "
                               "`database` keeps it elsewhere");
    } else {
        report_add(&d->report, REPORT_OK, "config-mode", "mode %04o",
                   (unsigned)st.st_mode & 07777U);
        return;
    }
    report_mend(&d->report, "chmod o-rwx %s", path);
}

/* libpq silently ignores a password file that others may read, or that it cannot read. */
static void
check_passfile(struct doctor *d)
{
    struct str name = conf_passfile(d->conf);
    char path[PATH_BYTES], user[64];
    struct stat st;

    if (name.n == 0 || name.n >= sizeof path)
        return;
    (void)memcpy(path, name.p, name.n);
    path[name.n] = '\0';
    reach_user_name(d->service_uid, user);
    if (reach_of(d->service_uid, d->service_gid, path, R_OK) == REACH_NO) {
        report_add(&d->report, REPORT_FAIL, "passfile", "%s may not read %s: %s", user,
                   path, strerror(errno));
        report_why(&d->report, "it should contain the database password");
    } else if (stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        report_add(&d->report, REPORT_FAIL, "passfile",
                   "others may read or change %s (mode %04o)", path,
                   (unsigned)st.st_mode & 07777U);
        report_why(&d->report, "PostgreSQL's library ignores such a file");
    } else {
        report_add(&d->report, REPORT_OK, "passfile", "%s is read by %s alone", path,
                   user);
        return;
    }
    report_mend(&d->report, "chown %s %s && chmod 0600 %s", user, path, path);
}

/* Returns the parent directory of dir. */
static void
above(const char *dir, char out[PATH_BYTES])
{
    const char *slash = strrchr(dir, '/');
    size_t n = slash == NULL ? 0 : slash == dir ? 1 : (size_t)(slash - dir);

    CHECK(n < PATH_BYTES);
    (void)memcpy(out, n == 0 ? "." : dir, n == 0 ? 1 : n);
    out[n == 0 ? 1 : n] = '\0';
}

static void
cannot_write(struct doctor *d, const char *check, const char *dir, const char *user)
{
    report_add(&d->report, REPORT_FAIL, check, "%s may not write to %s: %s", user, dir,
               strerror(errno));
    if (errno == EROFS)
        report_mend(&d->report,
                    "mount -o remount,rw the file system of %s, or choose another "
                    "directory: %s = \"DIR\" in the configuration",
                    dir, check);
    else if (errno == ENOENT || errno == ENOTDIR)
        report_mend(&d->report, "install -d -o %s -m 0700 %s", user, dir);
    else
        report_mend(&d->report, "chown -R %s %s && chmod u+rwx %s", user, dir, dir);
}

/* made: Mesher creates it when it needs it. */
static bool
check_dir(struct doctor *d, const char *check, const char *dir, bool made)
{
    char user[64], up[PATH_BYTES];
    struct stat st;
    bool there = stat(dir, &st) == 0;
    enum reach may;

    above(dir, up);
    reach_user_name(d->service_uid, user);
    may =
        reach_of(d->service_uid, d->service_gid, there || !made ? dir : up, W_OK | X_OK);
    if (may == REACH_NO) {
        cannot_write(d, check, there || !made ? dir : up, user);
        return false;
    }
    if (there && !S_ISDIR(st.st_mode)) {
        report_add(&d->report, REPORT_FAIL, check, "%s is not a directory", dir);
        report_mend(&d->report, "mv %s %s.old", dir, dir);
        return false;
    }
    if (may == REACH_UNKNOWN) {
        report_add(&d->report, REPORT_SKIP, check, "%s: only root can ask for user %s",
                   dir, user);
        report_mend(&d->report, "run doctor as root, or as %s", user);
    } else {
        report_add(&d->report, REPORT_OK, check, "%s %s, by %s", dir,
                   there ? "is writable" : "can be created", user);
    }
    return there;
}

static void
check_spool_mode(struct doctor *d)
{
    const char *dir = d->conf->spool_dir;
    struct stat st;

    if (stat(dir, &st) != 0 || (st.st_mode & (S_IWGRP | S_IWOTH | S_IROTH)) == 0)
        return;
    report_add(&d->report, REPORT_WARN, "spool-mode",
               "others may look into or change %s (mode %04o)", dir,
               (unsigned)st.st_mode & 07777U);
    report_why(&d->report, "it holds unprocessed events, with all personal data in them");
    report_mend(&d->report, "chmod 0700 %s", dir);
}

static void
check_disk(struct doctor *d)
{
    const char *dir = d->conf->spool_dir;
    struct statvfs fs;
    char up[PATH_BYTES];
    unsigned long long bytes;

    above(dir, up);
    if (statvfs(dir, &fs) != 0 && statvfs(up, &fs) != 0)
        return;
    bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
    if (bytes < (unsigned long long)d->conf->spool_max_bytes || fs.f_favail < 1000) {
        report_add(
            &d->report, REPORT_WARN, "disk",
            "%llu MiB and %llu files are free for the spool, whose limit is %lld MiB",
            bytes / LIMIT_MIB, (unsigned long long)fs.f_favail,
            (long long)(d->conf->spool_max_bytes / (int64_t)LIMIT_MIB));
        report_why(&d->report,
                   "when the disk is full events get 503 while the database is away");
        report_mend(&d->report, "free space on the disk of %s, or lower spool_max_bytes",
                    dir);
    } else {
        report_add(&d->report, REPORT_OK, "disk", "%llu MiB are free for the spool",
                   bytes / LIMIT_MIB);
    }
}

/* Without a process to ask: the owner of the writer's socket or the spool, else the
 * current user. */
static void
guess_service(struct doctor *d)
{
    struct stat st;

    if (d->has_service)
        return;
    d->has_service = true;
    d->service_uid = geteuid();
    d->service_gid = getegid();
    if ((d->conf->writer_socket[0] != '\0' && stat(d->conf->writer_socket, &st) == 0) ||
        stat(d->conf->spool_dir, &st) == 0) {
        d->service_uid = st.st_uid;
        d->service_gid = st.st_gid;
    }
}

void
doctor_files(struct doctor *d)
{
    guess_service(d);
    check_conf(d);
    check_passfile(d);
    if (d->conf->spool_dir[0] == '\0') {
        report_add(&d->report, REPORT_WARN, "spool_dir", "there is no spool");
        report_why(&d->report, "while the database is away every event gets 503");
        report_mend(&d->report,
                    "spool_dir = \"" MESHER_STATE_DIR "/spool\" in the configuration");
    } else {
        if (check_dir(d, "spool_dir", d->conf->spool_dir, true)) {
            check_spool_mode(d);
        }
        check_disk(d);
    }
    (void)check_dir(d, "poison_dir", d->conf->poison_dir, false);
    (void)check_dir(d, "temp_dir", d->conf->temp_dir, false);
    if (d->conf->writer_socket[0] == '\0' && d->conf->public_ws_url[0] != '\0')
        (void)check_dir(d, "slot_dir", d->conf->slot_dir, false);
}
