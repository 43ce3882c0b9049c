#include "front/confined.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* For host names, certificates, libpq and the libraries it loads, wherever a distribution
 * puts them.  Directories rather than single files of /etc: resolv.conf and others are
 * replaced while the program runs. */
static const char *const readable[] = {"/etc",
                                       "/usr/lib",
                                       "/usr/lib64",
                                       "/usr/local/lib",
                                       "/lib",
                                       "/lib64",
                                       "/usr/share",
                                       "/run/nscd",
                                       "/run/systemd/resolve",
                                       "/run/resolvconf",
                                       "/run/systemd",
                                       "/dev/urandom"};

/* Files that the connection string names: certificates, a password, a service. */
static void
allow_named(struct confine *c, const char *database)
{
    while ((database = strchr(database, '=')) != NULL) {
        char path[PATH_MAX];
        size_t n;

        database += strspn(database, "=' ");
        n = strcspn(database, "' &");
        if (*database != '/' || n >= sizeof path)
            continue;
        (void)memcpy(path, database, n);
        path[n] = '\0';
        confine_read(c, path);
    }
}

/* Files that libpq looks for in the user's home directory, and where variables name
 * them. */
static void
allow_home(struct confine *c, bool needs_user)
{
    static const char *const names[] = {".pgpass", ".postgresql", ".pg_service.conf"};
    static const char *const variables[] = {"PGPASSFILE",    "PGSERVICEFILE",
                                            "PGSSLCERT",     "PGSSLKEY",
                                            "PGSSLROOTCERT", "PGSYSCONFDIR"};
    const char *home = getenv("HOME");

    /* A look-up in the user database costs a CGI program a tenth of its time. */
    if (home == NULL && needs_user) {
        const struct passwd *who = getpwuid(geteuid());

        home = who == NULL ? NULL : who->pw_dir;
    }
    for (size_t i = 0; i < COUNT_OF(names) && home != NULL; i++) {
        char path[PATH_MAX];

        if (snprintf(path, sizeof path, "%s/%s", home, names[i]) < PATH_MAX)
            confine_read(c, path);
    }
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        const char *path = getenv(variables[i]);

        if (path != NULL)
            confine_read(c, path);
    }
}

static void
tell(const struct confine_state *s, enum confine_program program)
{
    struct log_pair pairs[] = {
        LOG_TEXT("seccomp", s->seccomp ? STR("on") : STR("none")),
        LOG_NUMBER("landlock", s->landlock),
        LOG_TEXT("no_new_privs", s->no_new_privs ? STR("on") : STR("none")),
        LOG_TEXT("core_dumps", s->no_dumps ? STR("off") : STR("on"))};

    /* A process per request, or per connection, would log it each time. */
    log_write(program == CONFINE_FASTCGI ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, LOG_CONFINED,
              pairs, COUNT_OF(pairs));
}

void
confined_begin(const struct conf *conf, enum confine_program program)
{
    struct confine c;
    struct confine_state state;

    if (strcmp(conf->confine, "off") == 0)
        return;
    c = confine_begin(program);
    for (size_t i = 0; i < COUNT_OF(readable); i++)
        confine_read(&c, readable[i]);
    allow_named(&c, conf->database);
    allow_home(&c, program != CONFINE_CGI ||
                       (conf->writer_socket[0] == '\0' && !conf_has_password(conf)));
    confine_write_beside(&c, conf->spool_dir);
    confine_write_beside(&c, conf->poison_dir);
    confine_write_beside(&c, conf->slot_dir);
    confine_write(&c, conf->temp_dir);
    confine_write(&c, "/dev/null");
    state = confine_end(&c);
    tell(&state, program);
}
