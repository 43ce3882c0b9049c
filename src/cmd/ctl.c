/* ctl: the table of mesherctl's commands, and what runs one of them. */
#include "cmd/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
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
    {"event", "tail", "[PROJECT]", "shows events as they are stored", ctl_event_tail,
     true},
    {"issue", "list",
     "[PROJECT] [--status S] [--level L] [--environment E] [--release R] [--query WORDS]"
     " [--since TIME] [--assignee NAME] [--sort last_seen|first_seen|count|users]"
     " [--limit N] [--after TOKEN]",
     "lists issues", ctl_issue_list, true},
    {"issue", "show", "ISSUE", "shows one with its latest event", ctl_issue_show, true},
    {"issue", "resolve", "ISSUE [--in RELEASE | --in-next] [--by NAME]",
     "marks it as done; an event of a later release reopens it", ctl_issue_resolve, true},
    {"issue", "reopen", "ISSUE [--by NAME]", "makes it unresolved", ctl_issue_reopen,
     true},
    {"issue", "ignore", "ISSUE [--until TIME] [--count N] [--by NAME]",
     "hides it, for good or until a time or so many more events", ctl_issue_ignore, true},
    {"issue", "assign", "ISSUE NAME | ISSUE --nobody [--by NAME]", "says whose it is",
     ctl_issue_assign, true},
    {"issue", "note", "ISSUE TEXT [--by NAME]", "adds a note", ctl_issue_note, true},
    {"issue", "merge", "ISSUE INTO [--by NAME]", "makes it a part of another one",
     ctl_issue_merge, true},
    {"issue", "unmerge", "ISSUE | FINGERPRINT [--by NAME]",
     "takes apart what was merged into it", ctl_issue_unmerge, true},
    {"issue", "delete", "ISSUE --yes", "removes it with its events", ctl_issue_delete,
     true},
    {"issue", "discard", "ISSUE --yes", "removes it and drops its future events",
     ctl_issue_discard, true},
    {"stats", NULL, "[PROJECT] [--days N]",
     "what was accepted and refused, by project and day", ctl_stats, true},
    {"top", NULL, "", "shows rates, anew every two seconds; q ends it", ctl_top, true},
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
    {"doctor", NULL, "",
     "looks at the whole installation, and says what is wrong and what to type",
     ctl_doctor, true},
    {"send-test", NULL, "[PROJECT]",
     "sends an event through the public URL and waits until it is stored", ctl_send_test,
     true},
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

/* Options of commands: where each puts its value. */
#define VALUE(name, field)                               \
    {                                                    \
        (name), offsetof(struct ctl, option.field), true \
    }
#define FLAG(name, field)                                 \
    {                                                     \
        (name), offsetof(struct ctl, option.field), false \
    }

static const struct {
    const char *name;
    size_t at;
    bool value; /* a text, else a bool */
} options[] = {
    VALUE("id", id),
    VALUE("label", label),
    VALUE("key", key),
    VALUE("issue", issue),
    VALUE("limit", limit),
    VALUE("project", project),
    VALUE("status", status),
    VALUE("level", level),
    VALUE("environment", environment),
    VALUE("release", release),
    VALUE("query", query),
    VALUE("since", since),
    VALUE("assignee", assignee),
    VALUE("sort", sort),
    VALUE("after", after),
    VALUE("in", in),
    VALUE("until", until),
    VALUE("count", count),
    VALUE("by", by),
    VALUE("days", days),
    FLAG("yes", yes),
    FLAG("payload", payload),
    FLAG("loop", loop),
    FLAG("in-next", in_next),
    FLAG("nobody", nobody),
};

/* What getopt gives for options[0]; no letter. */
#define FIRST_OPTION 256

static int
take_option(int letter, struct ctl *c, struct arguments *a)
{
    size_t i = (size_t)letter - FIRST_OPTION;

    if (letter == 'c')
        a->conf = optarg;
    else if (letter == 'j')
        c->json = true;
    else if (letter == 'h')
        a->help = true;
    else if (letter < FIRST_OPTION || i >= COUNT_OF(options))
        return -1;
    else if (options[i].value)
        (void)memcpy((char *)c + options[i].at, &optarg, sizeof optarg);
    else
        *((char *)c + options[i].at) = true;
    return 0;
}

static int
read_arguments(int argc, char *const argv[], struct ctl *c, struct arguments *a)
{
    static const struct option general[] = {{"conf", required_argument, NULL, 'c'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'}};
    struct option known[COUNT_OF(general) + COUNT_OF(options) + 1] = {{0}};
    int letter;

    (void)memcpy(known, general, sizeof general);
    for (size_t i = 0; i < COUNT_OF(options); i++)
        known[COUNT_OF(general) + i] = (struct option){
            options[i].name, options[i].value ? required_argument : no_argument, NULL,
            FIRST_OPTION + (int)i};
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
    /* Compiling a plan takes longer than what is asked for here. */
    struct db_settings db = {.statement_timeout_ms = STATEMENT_MS,
                             .session = "SET jit = off"};
    static struct conf conf;
    static struct error bad_conf;
    struct error e;
    int rc;

    c->conf_path = options_conf_path(conf_path, start_environment);
    rc = conf_read(c->conf_path, start_environment, &conf, &e);
    c->conf = &conf;
    if (rc != 0 && k->run == ctl_doctor) { /* it is what is looked at */
        bad_conf = e;
        c->conf_error = &bad_conf;
        rc = 0;
    }
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
    if (rc == 0)
        rc = ctl_flush(c, &e);
    rc = rc == 0 ? CTL_DONE : fail(k, &e);
    buf_release(&c->out);
    db_free(c->db);
    conf_release(&conf);
    return rc;
}

int
ctl_main(int argc, char *const argv[])
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
