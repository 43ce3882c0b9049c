/* mesherctl: the administrator's command. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "cmd/ctl.h"
#include "setup/options.h"
#include "setup/start.h"

#define OUT_MAX_BYTES (512 * LIMIT_MIB)
#define STATEMENT_MS ((int64_t)600 * 1000)

static const struct command {
    const char *group, *name; /* name NULL: the group is the whole command */
    const char *words, *does;
    ctl_command *run;
    bool database; /* works with one; it connects when it needs it */
} commands[] = {
    {"migrate", NULL, "", "brings the database to this version's schema", ctl_migrate,
     true},
    {"project", "add", "NAME [--id N]", "adds a project with a key", ctl_project_add,
     true},
    {"project", "list", "", "lists the projects", ctl_project_list, true},
    {"project", "show", "PROJECT", "shows one", ctl_project_show, true},
    {"project", "set", "PROJECT KEY=VALUE...",
     "sets rate_limit, rate_window, origins or name", ctl_project_set, true},
    {"project", "remove", "PROJECT --yes", "removes it with all its events",
     ctl_project_remove, true},
    {"key", "add", "PROJECT [--label L] [--key KEY]", "adds a key", ctl_key_add, true},
    {"key", "list", "[PROJECT]", "lists keys", ctl_key_list, true},
    {"key", "revoke", "KEY", "makes a key useless, within 5 s", ctl_key_revoke, true},
    {"event", "list", "PROJECT [--issue ID] [--limit N]", "lists events, newest first",
     ctl_event_list, true},
    {"event", "show", "ID [--project PROJECT] [--payload]", "shows one event",
     ctl_event_show, true},
    {"event", "explain", "ID [--project PROJECT]", "tells what made its issue",
     ctl_event_explain, true},
    {"rules", "test", "FILE EVENT",
     "tries grouping rules on an event, a file with its JSON, or -", ctl_rules_test,
     false},
    {"spool", "list", "", "lists the files of the spool, oldest first", ctl_spool_list,
     false},
    {"spool", "show", "NAME", "shows the events in one", ctl_spool_show, false},
    {"spool", "flush", "", "stores them all now, or waits until the writer has",
     ctl_spool_flush, true},
    {"spool", "retry", "NAME|all", "gives files that were put aside another try",
     ctl_spool_retry, false},
    {"attachment", "list", "EVENT [--project PROJECT] | PROJECT [--limit N]",
     "lists the files that came with an event, or to a project", ctl_attachment_list,
     true},
    {"attachment", "get", "ID | EVENT FILENAME [--project PROJECT]",
     "prints one file's bytes", ctl_attachment_get, true},
    {"release", "list", "PROJECT [--limit N]", "lists releases with their sessions",
     ctl_release_list, true},
    {"release", "show", "PROJECT RELEASE", "shows one, by environment", ctl_release_show,
     true},
    {"status", NULL, "", "tells what is up", ctl_status, true},
    {"config", NULL, "", "prints the configuration in force", ctl_config, false},
    {"maintenance", NULL, "[--loop]",
     "makes partitions, forgets old ids, drains the spool, once or every "
     "maintenance_interval seconds",
     ctl_maintenance, true},
    {"reload", NULL, "", "has mesherd read its configuration again", ctl_reload, false},
    {"restart", NULL, "[CHILD]",
     "has mesherd replace its children one by one, without a failed request", ctl_restart,
     false},
    {"stop", NULL, "", "has mesherd stop everything and end", ctl_stop, false},
};

int
ctl_usage(struct error *e)
{
    return error_set(e, ERROR_METHOD, "wrong usage");
}

static void
print_command(FILE *to, const struct command *k)
{
    (void)fprintf(to, "  mesherctl [--conf FILE] [--json] %s%s%s%s%s\n      %s\n",
                  k->group, k->name == NULL ? "" : " ", k->name == NULL ? "" : k->name,
                  k->words[0] == '\0' ? "" : " ", k->words, k->does);
}

static void
print_usage(FILE *to, const char *group)
{
    (void)fprintf(to, "usage:\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (group == NULL || strcmp(group, commands[i].group) == 0)
            print_command(to, &commands[i]);
    if (group == NULL)
        (void)fprintf(to, "PROJECT is a number or a name.  Exit status: 0 done, 1 failed,"
                          " 2 wrong usage, 3 not found.\n");
}

/* Takes the command's words off c->word. */
static const struct command *
find_command(struct ctl *c)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const struct command *k = &commands[i];
        size_t n = k->name == NULL ? 1 : 2;

        if (c->words < n || strcmp(k->group, c->word[0]) != 0 ||
            (n == 2 && strcmp(k->name, c->word[1]) != 0))
            continue;
        c->words -= n;
        (void)memmove(c->word, c->word + n, c->words * sizeof c->word[0]);
        return k;
    }
    return NULL;
}

struct arguments {
    const char *conf;
    bool help;
};

static int
take_option(int letter, struct ctl *c, struct arguments *a)
{
    switch (letter) {
    case 'c':
        a->conf = optarg;
        break;
    case 'j':
        c->json = true;
        break;
    case 'h':
        a->help = true;
        break;
    case 'i':
        c->option.id = optarg;
        break;
    case 'l':
        c->option.label = optarg;
        break;
    case 'k':
        c->option.key = optarg;
        break;
    case 's':
        c->option.issue = optarg;
        break;
    case 'n':
        c->option.limit = optarg;
        break;
    case 'p':
        c->option.project = optarg;
        break;
    case 'L':
        c->option.loop = true;
        break;
    case 'y':
        c->option.yes = true;
        break;
    case 'P':
        c->option.payload = true;
        break;
    default:
        return -1;
    }
    return 0;
}

static int
read_arguments(int argc, char *const argv[], struct ctl *c, struct arguments *a)
{
    static const struct option known[] = {{"conf", required_argument, NULL, 'c'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"id", required_argument, NULL, 'i'},
                                          {"label", required_argument, NULL, 'l'},
                                          {"key", required_argument, NULL, 'k'},
                                          {"issue", required_argument, NULL, 's'},
                                          {"limit", required_argument, NULL, 'n'},
                                          {"project", required_argument, NULL, 'p'},
                                          {"loop", no_argument, NULL, 'L'},
                                          {"yes", no_argument, NULL, 'y'},
                                          {"payload", no_argument, NULL, 'P'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    while ((letter = getopt_long(argc, argv, "c:jh", known, NULL)) != -1) {
        if (letter == 'V') {
            (void)printf("%s\n", PACKAGE_STRING);
            exit(CTL_DONE);
        }
        if (take_option(letter, c, a) != 0)
            return -1;
    }
    for (int i = optind; i < argc; i++) {
        if (c->words == CTL_WORDS)
            return -1;
        c->word[c->words++] = argv[i];
    }
    return 0;
}

static int
exit_code(const struct error *e)
{
    switch (e->kind) {
    case ERROR_METHOD:
    case ERROR_MALFORMED:
        return CTL_USAGE;
    case ERROR_NOT_FOUND:
        return CTL_NOT_FOUND;
    case ERROR_NONE:
    case ERROR_UNAUTHORIZED:
    case ERROR_FORBIDDEN:
    case ERROR_TIMEOUT:
    case ERROR_LENGTH:
    case ERROR_TOO_LARGE:
    case ERROR_ENCODING:
    case ERROR_LIMITED:
    case ERROR_POISON:
    case ERROR_UNAVAILABLE:
    case ERROR_CONFIG:
    case ERROR_SYSTEM:
        break;
    }
    return CTL_FAILED;
}

static int
fail(const struct command *k, const struct error *e)
{
    (void)fprintf(stderr, "mesherctl: %s%s%s\n", e->text,
                  e->detail[0] == '\0' ? "" : ": ", e->detail);
    if (e->kind == ERROR_METHOD) {
        (void)fprintf(stderr, "usage:\n");
        print_command(stderr, k);
    }
    return exit_code(e);
}

static int
run(struct ctl *c, const struct command *k, const char *conf_path)
{
    struct db_settings db = {.statement_timeout_ms = STATEMENT_MS};
    static struct conf conf;
    struct error e;
    int rc = conf_read(options_conf_path(conf_path, start_environment), start_environment,
                       &conf, &e);

    c->conf = &conf;
    c->out = buf_init(OUT_MAX_BYTES);
    db.conninfo = conf.database;
    db.connect_timeout_ms = conf.connect_timeout * 1000;
    if (rc == 0)
        rc = log_open("stderr", LOG_LEVEL_ERROR, "mesherctl", &e);
    if (rc == 0 && k->database) {
        c->db = db_new(&db);
        c->catalog =
            (struct catalog){c->db, conf.public_url, conf.rate_limit, conf.rate_window};
        if (c->db == NULL)
            rc = error_set(&e, ERROR_SYSTEM, "out of memory");
    }
    if (rc == 0)
        rc = k->run(c, &e);
    if (rc == 0 && c->out.failed)
        rc = error_set(&e, ERROR_SYSTEM, "out of memory");
    if (rc == 0 && c->out.n > 0 &&
        io_write_all(STDOUT_FILENO, c->out.data, c->out.n, INT64_MAX) != 0)
        rc = error_errno(&e, "stdout");
    rc = rc == 0 ? CTL_DONE : fail(k, &e);
    buf_release(&c->out);
    db_free(c->db);
    conf_release(&conf);
    return rc;
}

int
main(int argc, char *argv[])
{
    static struct ctl c;
    struct arguments a = {NULL, false};
    const struct command *k;
    const char *group;

    if (read_arguments(argc, argv, &c, &a) != 0) {
        print_usage(stderr, NULL);
        return CTL_USAGE;
    }
    group = c.words > 0 ? c.word[0] : NULL;
    k = find_command(&c);
    if (a.help) {
        if (k != NULL)
            print_command(stdout, k);
        else
            print_usage(stdout, group);
        if (fflush(stdout) == 0)
            return CTL_DONE;
        (void)fprintf(stderr, "mesherctl: stdout: %s\n", strerror(errno));
        return CTL_FAILED;
    }
    if (k == NULL) {
        print_usage(stderr, NULL);
        return CTL_USAGE;
    }
    return run(&c, k, a.conf);
}
