/* The configuration's own file, directories, disk, what lies in the spool. */
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

/* A file that is still there after so long is not being drained. */
#define OLD_S 120

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
        report_why(&d->report, "mesherd runs whatever program stands in it");
    } else if ((st.st_mode & S_IROTH) != 0 && conf_has_password(d->conf)) {
        report_add(&d->report, REPORT_FAIL, "config-mode",
                   "everybody may read %s (mode %04o)", path,
                   (unsigned)st.st_mode & 07777U);
        report_why(&d->report, "the password of the database stands in it");
    } else {
        report_add(&d->report, REPORT_OK, "config-mode", "mode %04o",
                   (unsigned)st.st_mode & 07777U);
        return;
    }
    report_mend(&d->report, "chmod o-rwx %s", path);
}

/* The directory that dir is made in. */
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
                    "mount -o remount,rw what %s is on, or choose another directory: "
                    "%s = \"DIR\" in the configuration",
                    dir, check);
    else if (errno == ENOENT || errno == ENOTDIR)
        report_mend(&d->report, "install -d -o %s -m 0700 %s", user, dir);
    else
        report_mend(&d->report, "chown -R %s %s && chmod u+rwx %s", user, dir, dir);
}

/* made: Mesher makes it itself when it needs it. */
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
        report_add(&d->report, REPORT_FAIL, check, "%s is no directory", dir);
        report_mend(&d->report, "mv %s %s.old", dir, dir);
        return false;
    }
    if (may == REACH_UNKNOWN) {
        report_add(&d->report, REPORT_SKIP, check, "%s: only root can ask for user %s",
                   dir, user);
        report_mend(&d->report, "run doctor as root, or as %s", user);
    } else {
        report_add(&d->report, REPORT_OK, check, "%s %s, by %s", dir,
                   there ? "can be written to" : "can be made", user);
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
    report_why(&d->report,
               "events wait in it as they came, with all that is said of users");
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
            "%llu MiB and %llu files are free for the spool, which may have %lld MiB",
            bytes / LIMIT_MIB, (unsigned long long)fs.f_favail,
            (long long)(d->conf->spool_max_bytes / (int64_t)LIMIT_MIB));
        report_why(&d->report,
                   "when the disk is full events get 503 while the database is away");
        report_mend(&d->report, "make room on the disk of %s, or lower spool_max_bytes",
                    dir);
    } else {
        report_add(&d->report, REPORT_OK, "disk", "%llu MiB are free for the spool",
                   bytes / LIMIT_MIB);
    }
}

static int
is_spool_file(const struct dirent *entry)
{
    return folder_is_name(entry->d_name);
}

/* Files in a part of the spool, and the age of the oldest in seconds. */
static size_t
count(const char *dir, const char *part, int64_t *oldest_s)
{
    char path[PATH_BYTES];
    struct dirent **found = NULL;
    struct stat st;
    int n;

    *oldest_s = 0;
    (void)snprintf(path, sizeof path, "%s/%s", dir, part);
    n = scandir(path, &found, is_spool_file, alphasort);
    if (n > 0) {
        (void)snprintf(path, sizeof path, "%s/%s/%s", dir, part, found[0]->d_name);
        if (stat(path, &st) == 0)
            *oldest_s = time(NULL) - st.st_mtime;
    }
    for (int i = 0; i < n; i++)
        free(found[i]);
    free(found);
    return n > 0 ? (size_t)n : 0;
}

size_t
doctor_spool_files(const struct conf *conf, int64_t *oldest_s)
{
    return count(conf->spool_dir, "new", oldest_s);
}

static void
check_waiting(struct doctor *d)
{
    int64_t oldest_s, ignored;
    size_t waiting = doctor_spool_files(d->conf, &oldest_s),
           bad = count(d->conf->spool_dir, "bad", &ignored);

    if (waiting > 0 && oldest_s > OLD_S) {
        report_add(&d->report, REPORT_WARN, "spool-files",
                   "%zu files wait, the oldest for %lld s", waiting, (long long)oldest_s);
        report_why(&d->report,
                   "they should be drained within seconds once the database is there");
        report_mend(&d->report, "mesherctl spool flush");
    }
    if (bad > 0) {
        report_add(&d->report, REPORT_WARN, "spool-files",
                   "%zu files were put aside as damaged", bad);
        report_mend(&d->report, "mesherctl spool list, then: mesherctl spool retry all");
    }
    if (bad == 0 && (waiting == 0 || oldest_s <= OLD_S))
        report_add(&d->report, REPORT_OK, "spool-files", "%zu wait", waiting);
}

/* Without a process to ask: whose the writer's socket or the spool is, else who runs
 * this. */
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
    if (d->conf->spool_dir[0] == '\0') {
        report_add(&d->report, REPORT_WARN, "spool_dir", "there is no spool");
        report_why(&d->report, "while the database is away every event gets 503");
        report_mend(&d->report,
                    "spool_dir = \"" MESHER_STATE_DIR "/spool\" in the configuration");
    } else {
        if (check_dir(d, "spool_dir", d->conf->spool_dir, true)) {
            check_spool_mode(d);
            check_waiting(d);
        }
        check_disk(d);
    }
    (void)check_dir(d, "poison_dir", d->conf->poison_dir, false);
    (void)check_dir(d, "temp_dir", d->conf->temp_dir, false);
    if (d->conf->writer_socket[0] == '\0' && d->conf->public_ws_url[0] != '\0')
        (void)check_dir(d, "slot_dir", d->conf->slot_dir, false);
}
