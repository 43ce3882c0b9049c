/* The writer, the sockets and their permissions, websocketd. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "base/confine.h"
#include "base/io.h"
#include "base/peer.h"
#include "doctor/doctor.h"
#include "doctor/reach.h"

/* Returns the first section that runs a program; NULL: none. */
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
        report_why(&d->report, "any user who connects can store events without a key");
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

/* How a user's processes relate to the writer: responders connect to it, and a web server
 * may start CGI programs that do. */
static bool
check_user(struct doctor *d, const struct peers *allowed, const struct reach_user *who,
           bool web_server)
{
    char name[64];

    if (peer_is_allowed(allowed, d->service_uid, who->uid))
        return true;
    reach_user_name(who->uid, name);
    report_add(&d->report, web_server ? REPORT_WARN : REPORT_FAIL, "writer-users",
               web_server ? "the web server runs as %s, whom the writer does not accept"
                          : "responders run as %s, whom the writer does not accept",
               name);
    report_why(&d->report,
               "events that such a process receives go to the spool, or get 503");
    report_mend(&d->report,
                "writer_users = \"%s\" in the configuration, then: mesherctl restart "
                "mesher-writer",
                name);
    return false;
}

/* Returns whether any of them is allowed who is not root, the user of a web server's
 * first process. */
static bool
any_allowed(const struct doctor *d, const struct peers *allowed,
            const struct reach_user *users, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (users[i].uid != 0 && peer_is_allowed(allowed, d->service_uid, users[i].uid))
            return true;
    return false;
}

/* CGI processes are too short-lived to be seen: without other responders, they run as the
 * web server's user, or with several web servers as the user of any. */
static void
check_users(struct doctor *d)
{
    static const char *const responders[] = {"mesher.fcgi", "mesher.cgi", "mesher-ws",
                                             NULL};
    static const char *const servers[] = {"lighttpd", "apache2", "httpd", "nginx", NULL};
    struct reach_user users[REACH_USERS];
    size_t n = reach_users_of(responders, d->conf_path, users);
    bool cgi = n == 0 && section_with(d->conf, "mesher.fcgi") == NULL, well = true;
    struct peers allowed;
    struct error e;

    if (peer_parse(d->conf->writer_users, &allowed, &e) != 0) {
        report_add(&d->report, REPORT_FAIL, "writer-users", "%s", e.detail);
        report_mend(&d->report, "writer_users in the configuration");
        return;
    }
    if (cgi)
        n = reach_users(servers, users);
    if (cgi && any_allowed(d, &allowed, users, n))
        n = 0;
    for (size_t i = 0; i < n; i++)
        well = check_user(d, &allowed, &users[i], cgi) && well;
    if (well)
        report_add(&d->report, REPORT_OK, "writer-users",
                   "root, the writer's own user%s%s",
                   d->conf->writer_users[0] == '\0' ? "" : ", ", d->conf->writer_users);
}

static void
check_writer(struct doctor *d)
{
    const char *path = d->conf->writer_socket;

    if (path[0] == '\0') {
        report_add(&d->report, REPORT_OK, "writer",
                   "none: each responder stores over its own connection");
        return;
    }
    if (d->writer_answers) {
        report_add(&d->report, REPORT_OK, "writer", "answers at %s", path);
    } else {
        int fd = io_unix_connect(path);

        report_add(&d->report, REPORT_FAIL, "writer", "does not answer at %s: %s", path,
                   fd >= 0 ? "it accepts the connection but does not answer"
                           : strerror(errno));
        report_why(&d->report,
                   "responders store directly, or spool, and are slow meanwhile");
        mend_writer(d);
        if (fd >= 0)
            (void)close(fd);
    }
    check_writer_socket(d);
    check_users(d);
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
        report_why(
            &d->report,
            "any user who connects can occupy all responders, and forge REMOTE_ADDR");
        report_mend(
            &d->report,
            "listen_mode = 0660 in child \"%s\", with the web server's user in the "
            "group of mesherd's, then: mesherctl reload",
            c->name);
    } else if (address_answers(c->listen)) {
        report_add(&d->report, REPORT_OK, "fcgi-socket", "%s accepts connections",
                   c->listen);
    } else {
        report_add(&d->report, REPORT_FAIL, "fcgi-socket",
                   "nothing accepts connections at %s: %s", c->listen, strerror(errno));
        report_mend(&d->report, "mesherctl status, then: mesherctl restart %s", c->name);
    }
}

static void
check_websocketd(struct doctor *d, const struct childconf *c)
{
    int fd;

    if (childconf_ready_of(c, &fd) != CHILDCONF_READY_CONNECTION) {
        report_add(&d->report, REPORT_SKIP, "websocketd",
                   "its address is unknown: `ready` does not name it");
    } else if (address_answers(c->ready)) {
        report_add(&d->report, REPORT_OK, "websocketd", "accepts connections at %s",
                   c->ready);
    } else {
        report_add(&d->report, REPORT_FAIL, "websocketd",
                   "nothing accepts connections at %s", c->ready);
        report_mend(&d->report, "mesherctl restart %s", c->name);
    }
}

/* The confinement of the programs that see client data. */
static void
check_confined(struct doctor *d)
{
    static const char *const programs[] = {"mesher.fcgi", "mesher.cgi", "mesher-ws",
                                           NULL};
    int landlock = confine_landlock_version();
    size_t confined, all = reach_confined(programs, d->conf_path, &confined);

    if (strcmp(d->conf->confine, "off") == 0) {
        report_add(&d->report, REPORT_OK, "confine", "off, by the configuration");
    } else if (!confine_is_possible()) {
        report_add(&d->report, REPORT_SKIP, "confine",
                   "this kernel, or this build, has no seccomp");
    } else if (confined < all) {
        report_add(&d->report, REPORT_WARN, "confine",
                   "%zu of %zu responders and handlers are not confined", all - confined,
                   all);
        report_why(&d->report, "an attacker who takes one over can run programs");
        report_mend(&d->report,
                    "mesherctl restart, then check event=confined in the log");
    } else if (landlock == 0) {
        report_add(&d->report, REPORT_OK, "confine",
                   "%zu responders and handlers: seccomp; this kernel has no Landlock, "
                   "or an old one",
                   all);
    } else {
        report_add(&d->report, REPORT_OK, "confine",
                   "%zu responders and handlers: seccomp, Landlock %d", all, landlock);
    }
}

void
doctor_sockets(struct doctor *d)
{
    check_writer(d);
    check_confined(d);
    for (size_t i = 0; i < d->conf->children.count; i++) {
        const struct childconf *c = &d->conf->children.all[i];

        if (childconf_runs(c, "mesher.fcgi") && c->listen[0] != '\0')
            check_pool(d, c);
        else if (childconf_runs(c, "websocketd"))
            check_websocketd(d, c);
    }
}
