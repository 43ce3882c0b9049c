/* Writer, sockets and who may connect to them, websocketd. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "base/io.h"
#include "doctor/doctor.h"
#include "doctor/reach.h"

/* The first section that runs a program; NULL: none. */
static const struct childconf *
section_with(const struct conf *conf, const char *program)
{
    for (size_t i = 0; i < conf->children.count; i++)
        if (childconf_runs(&conf->children.all[i], program))
            return &conf->children.all[i];
    return NULL;
}

static void
mend_writer_socket(struct doctor *d)
{
    const struct childconf *c = section_with(d->conf, "mesher-writer");

    if (c != NULL)
        report_mend(&d->report,
                    "listen_mode = 0660 in child \"%s\" of the configuration, then: "
                    "mesherctl reload",
                    c->name);
    else
        report_mend(&d->report,
                    "chmod 0660 %s; with systemd's socket: SocketMode=0660 in "
                    "mesher-writer.socket",
                    d->conf->writer_socket);
}

static void
check_writer_socket(struct doctor *d)
{
    const char *path = d->conf->writer_socket;
    char user[64];
    struct stat st;

    if (stat(path, &st) != 0)
        return;
    reach_user_name(d->service_uid, user);
    if (reach_of(d->service_uid, d->service_gid, path, W_OK) == REACH_NO) {
        report_add(&d->report, REPORT_FAIL, "writer-socket",
                   "%s may not connect to %s (mode %04o)", user, path,
                   (unsigned)st.st_mode & 07777U);
        mend_writer_socket(d);
    } else if ((st.st_mode & S_IWOTH) != 0) {
        report_add(&d->report, REPORT_WARN, "writer-socket",
                   "everybody may connect to %s (mode %04o)", path,
                   (unsigned)st.st_mode & 07777U);
        report_why(&d->report, "whoever connects can store events without a key");
        mend_writer_socket(d);
    } else {
        report_add(&d->report, REPORT_OK, "writer-socket", "mode %04o",
                   (unsigned)st.st_mode & 07777U);
    }
}

static void
mend_writer(struct doctor *d)
{
    const struct childconf *c = section_with(d->conf, "mesher-writer");
    const char *path = d->conf_path == NULL ? "FILE" : d->conf_path;

    if (c == NULL && d->conf->children.count > 0)
        report_mend(
            &d->report,
            "child \"mesher-writer\" in the configuration, as in conf/mesher.conf, then: "
            "mesherctl reload");
    else if (c == NULL)
        report_mend(&d->report,
                    "systemctl start mesher-writer, or: mesher-writer --conf %s", path);
    else if (d->mesherd_runs)
        report_mend(&d->report, "mesherctl restart %s", c->name);
    else
        report_mend(&d->report, "systemctl start mesherd, or: mesherd --conf %s", path);
}

static void
check_writer(struct doctor *d)
{
    const char *path = d->conf->writer_socket;

    if (path[0] == '\0') {
        report_add(&d->report, REPORT_OK, "writer",
                   "none: each responder stores over a connection of its own");
        return;
    }
    if (d->writer_answers) {
        report_add(&d->report, REPORT_OK, "writer", "answers at %s", path);
    } else {
        int fd = io_unix_connect(path);

        report_add(&d->report, REPORT_FAIL, "writer", "does not answer at %s: %s", path,
                   fd >= 0 ? "it takes the connection, and says nothing"
                           : strerror(errno));
        report_why(&d->report,
                   "responders store by themselves, or spool, and are slow meanwhile");
        mend_writer(d);
        if (fd >= 0)
            (void)close(fd);
    }
    check_writer_socket(d);
}

/* A socket that mesherd holds for responders. */
static void
check_pool(struct doctor *d, const struct childconf *c)
{
    struct stat st;

    if (c->listen[0] == '/' && stat(c->listen, &st) == 0 && (st.st_mode & S_IWOTH) != 0) {
        report_add(&d->report, REPORT_WARN, "fcgi-socket",
                   "everybody may connect to %s (mode %04o)", c->listen,
                   (unsigned)st.st_mode & 07777U);
        report_why(&d->report,
                   "whoever connects can hold all responders, and say any REMOTE_ADDR");
        report_mend(
            &d->report,
            "listen_mode = 0660 in child \"%s\", with the web server's user in the "
            "group of mesherd's, then: mesherctl reload",
            c->name);
    } else if (address_answers(c->listen)) {
        report_add(&d->report, REPORT_OK, "fcgi-socket", "%s takes connections",
                   c->listen);
    } else {
        report_add(&d->report, REPORT_FAIL, "fcgi-socket",
                   "nobody takes connections at %s: %s", c->listen, strerror(errno));
        report_mend(&d->report, "mesherctl status, then: mesherctl restart %s", c->name);
    }
}

static void
check_websocketd(struct doctor *d, const struct childconf *c)
{
    int fd;

    if (childconf_ready_of(c, &fd) != CHILDCONF_READY_CONNECTION) {
        report_add(&d->report, REPORT_SKIP, "websocketd",
                   "where it listens is not said by `ready`");
    } else if (address_answers(c->ready)) {
        report_add(&d->report, REPORT_OK, "websocketd", "takes connections at %s",
                   c->ready);
    } else {
        report_add(&d->report, REPORT_FAIL, "websocketd",
                   "nobody takes connections at %s", c->ready);
        report_mend(&d->report, "mesherctl restart %s", c->name);
    }
}

void
doctor_sockets(struct doctor *d)
{
    check_writer(d);
    for (size_t i = 0; i < d->conf->children.count; i++) {
        const struct childconf *c = &d->conf->children.all[i];

        if (childconf_runs(c, "mesher.fcgi") && c->listen[0] != '\0')
            check_pool(d, c);
        else if (childconf_runs(c, "websocketd"))
            check_websocketd(d, c);
    }
}
