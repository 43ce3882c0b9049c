/* ctl: runs a command of mesherctl. */
#include "cmd/ctl.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "cmd/ctl_arguments.h"
#include "cmd/ctl_help.h"
#include "setup/options.h"
#include "setup/start.h"

#define OUT_MAX_BYTES (512 * LIMIT_MIB)
#define STATEMENT_MS ((int64_t)600 * 1000)

int
ctl_usage(struct error *e)
{
    return error_set(e, ERROR_USAGE, "wrong usage");
}

static int
exit_code(const struct error *e)
{
    switch (e->kind) {
    case ERROR_USAGE:
    case ERROR_MALFORMED:
        return CTL_USAGE;
    case ERROR_NOT_FOUND:
        return CTL_NOT_FOUND;
    case ERROR_NONE:
    case ERROR_UNAUTHORIZED:
    case ERROR_FORBIDDEN:
    case ERROR_FILTERED:
    case ERROR_METHOD:
    case ERROR_TIMEOUT:
    case ERROR_LENGTH:
    case ERROR_COSTLY:
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
fail(const struct ctl_entry *k, const struct error *e)
{
    (void)fprintf(stderr, "mesherctl: %s%s%s\n", e->text,
                  e->detail[0] == '\0' ? "" : ": ", e->detail);
    if (e->kind == ERROR_USAGE)
        ctl_help_usage(stderr, k);
    return exit_code(e);
}

static int
run(struct ctl *c, const struct ctl_entry *k, const char *conf_path)
{
    struct db_settings db = {.statement_timeout_ms = STATEMENT_MS};
    static struct conf conf;
    static struct error bad_conf;
    struct error e;
    int rc;

    c->conf_path = options_conf_path(conf_path, start_environment);
    rc = conf_read(c->conf_path, start_environment, &conf, &e);
    c->conf = &conf;
    if (rc != 0 && k->run == ctl_doctor) { /* doctor examines the configuration itself */
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
        c->projects =
            (struct projects){c->db, conf.public_url, conf.rate_limit, conf.rate_window};
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

/* The words after "help", or before --help; none: all commands. */
static int
help(const char *const *word, size_t words)
{
    const struct ctl_entry *k = words == 0 ? NULL : ctl_find(word, words);

    if (words == 0) {
        ctl_help_all(stdout);
    } else if (words == 1 && strcmp(word[0], "commands") == 0) {
        ctl_help_list(stdout);
    } else if (k != NULL && words == ctl_entry_words(k)) {
        ctl_help_command(stdout, k);
    } else if (words == 1 && ctl_is_group(word[0])) {
        ctl_help_group(stdout, word[0]);
    } else {
        ctl_help_unknown(stderr, word, words);
        return CTL_USAGE;
    }
    if (fflush(stdout) == 0)
        return CTL_DONE;
    (void)fprintf(stderr, "mesherctl: stdout: %s\n", strerror(errno));
    return CTL_FAILED;
}

int
ctl_main(int argc, char *const argv[])
{
    static struct ctl c;
    struct ctl_arguments a = {.conf = NULL};
    const char *name[2];

    if (ctl_arguments_read(argc, argv, &c, &a) != 0)
        return CTL_USAGE;
    if (a.version) {
        (void)printf("%s\n", PACKAGE_STRING);
        return CTL_DONE;
    }
    if (a.entry == NULL || a.entry->run == NULL)
        return help(c.word, c.words);
    if (!a.help)
        return run(&c, a.entry, a.conf);
    name[0] = a.entry->group;
    name[1] = a.entry->name;
    return help(name, ctl_entry_words(a.entry));
}
