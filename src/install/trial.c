#include "install/trial.h"

#include <stdio.h>
#include <string.h>

#define CONNECT_MS 5000
#define STATEMENT_MS 60000

struct db *
trial_open(const char *conninfo)
{
    return db_new(&(struct db_settings){.conninfo = conninfo,
                                        .connect_timeout_ms = CONNECT_MS,
                                        .statement_timeout_ms = STATEMENT_MS});
}

static const struct {
    const char *sqlstate;
    enum install_field field;
    const char *text;
} refusals[] = {
    {"28P01", INSTALL_PASSWORD, "the server says: wrong user or password"},
    {"28000", INSTALL_USER, "the server does not allow this user to connect from here"},
    {"3D000", INSTALL_DATABASE, "there is no such database"},
    {"42501", INSTALL_DATABASE, "this user may not connect to it"},
};

/* Texts of libpq itself, which are not translated. */
static const struct {
    const char *words;
    enum install_field field;
    const char *text;
} failures[] = {
    {"could not translate host name", INSTALL_HOST, "no such host"},
    {"Connection refused", INSTALL_HOST, "nothing answers there: wrong host or port"},
    {"No such file or directory", INSTALL_HOST, "no server there: wrong host or port"},
    {"no answer in time", INSTALL_HOST, "no answer within 5 seconds: wrong host or port"},
    {"No route to host", INSTALL_HOST, "cannot be reached"},
    {"Network is unreachable", INSTALL_HOST, "cannot be reached"},
    {"no password supplied", INSTALL_PASSWORD, "the server requires one"},
    {"does not support SSL", INSTALL_SSLMODE, "the server does not speak TLS"},
};

static void
lay(struct install *in, enum install_field field, const char *text)
{
    (void)snprintf(in->wrong[field], sizeof in->wrong[field], "%s", text);
}

void
trial_explain(struct install *in, const char *sqlstate, const char *words)
{
    for (size_t i = 0; i < COUNT_OF(refusals); i++)
        if (strcmp(sqlstate, refusals[i].sqlstate) == 0) {
            lay(in, refusals[i].field, refusals[i].text);
            return;
        }
    for (size_t i = 0; sqlstate[0] == '\0' && i < COUNT_OF(failures); i++)
        if (strstr(words, failures[i].words) != NULL) {
            lay(in, failures[i].field, failures[i].text);
            return;
        }
    (void)snprintf(in->failed, sizeof in->failed, "The database cannot be used: %s",
                   words);
}

static int
look(struct db *d, struct install *in, const PGresult *r)
{
    int version = db_version(d) / 10000;
    struct str schema = db_get_str(r, 0, 0);

    if (version < DB_VERSION_MIN)
        (void)snprintf(in->wrong[INSTALL_HOST], sizeof in->wrong[INSTALL_HOST],
                       "this is PostgreSQL %d; Mesher needs %d or later", version,
                       DB_VERSION_MIN);
    else if (schema.n == 0)
        lay(in, INSTALL_DATABASE, "it has no schema that this user can use");
    else if (!str_eq(db_get_str(r, 0, 1), STR("t")))
        lay(in, INSTALL_USER, "this user may not create tables in that database");
    else
        return 0;
    return -1;
}

int
trial_run(struct db *d, struct install *in)
{
    struct error e;
    PGresult *r;
    int rc;

    if (db_run_text(d,
                    "SELECT coalesce(current_schema(), ''),"
                    " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)",
                    &r, &e) != 0) {
        trial_explain(in, db_refusal(d), e.detail);
        return -1;
    }
    rc = look(d, in, r);
    libpq.PQclear(r);
    return rc;
}
