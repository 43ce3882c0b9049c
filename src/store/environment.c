#include "store/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/libpq.h"

/* libpq's documentation, "Environment Variables". */
static const struct {
    const char *name, *keyword;
    bool who; /* says who we are, rather than where and how to connect */
} variables[] = {
    {"PGHOST", "host", false},
    {"PGHOSTADDR", "hostaddr", false},
    {"PGPORT", "port", false},
    {"PGDATABASE", "dbname", false},
    {"PGSERVICE", "service", false},
    {"PGOPTIONS", "options", false},
    {"PGAPPNAME", "application_name", false},
    {"PGSSLMODE", "sslmode", false},
    {"PGREQUIRESSL", "sslmode", false},
    {"PGSSLNEGOTIATION", "sslnegotiation", false},
    {"PGSSLCOMPRESSION", "sslcompression", false},
    {"PGSSLSNI", "sslsni", false},
    {"PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version", false},
    {"PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version", false},
    {"PGREQUIREPEER", "requirepeer", false},
    {"PGREQUIREAUTH", "require_auth", false},
    {"PGCHANNELBINDING", "channel_binding", false},
    {"PGGSSENCMODE", "gssencmode", false},
    {"PGCONNECT_TIMEOUT", "connect_timeout", false},
    {"PGCLIENTENCODING", "client_encoding", false},
    {"PGTARGETSESSIONATTRS", "target_session_attrs", false},
    {"PGLOADBALANCEHOSTS", "load_balance_hosts", false},
    {"PGMINPROTOCOLVERSION", "min_protocol_version", false},
    {"PGMAXPROTOCOLVERSION", "max_protocol_version", false},
    {"PGDATESTYLE", "options", false},
    {"PGTZ", "options", false},
    {"PGGEQO", "options", false},
    {"PGUSER", "user", true},
    {"PGPASSWORD", "password", true},
    {"PGPASSFILE", "passfile", true},
    {"PGSSLCERT", "sslcert", true},
    {"PGSSLKEY", "sslkey", true},
    {"PGSSLCERTMODE", "sslcertmode", true},
    {"PGSSLROOTCERT", "sslrootcert", true},
    {"PGSSLCRL", "sslcrl", true},
    {"PGSSLCRLDIR", "sslcrldir", true},
    {"PGKRBSRVNAME", "krbsrvname", true},
    {"PGGSSLIB", "gsslib", true},
    {"PGGSSDELEGATION", "gssdelegation", true},
};

static bool
counts(const char *conninfo, size_t i)
{
    return conninfo[0] == '\0' || variables[i].who;
}

void
environment_settle(const char *conninfo)
{
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        if (!counts(conninfo, i))
            (void)unsetenv(variables[i].name);
}

/* Returns whether the connection string sets the keyword. */
static bool
says(const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
        if (strcmp(o->keyword, keyword) == 0)
            return o->val != NULL;
    return false;
}

size_t
environment_taken(const char *conninfo, const char *names[ENVIRONMENT_MAX])
{
    char *why = NULL;
    PQconninfoOption *options = libpq.PQconninfoParse(conninfo, &why);
    size_t n = 0;

    libpq.PQfreemem(why); /* it may quote a password */
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        if (counts(conninfo, i) && getenv(variables[i].name) != NULL &&
            !says(options, variables[i].keyword))
            names[n++] = variables[i].name;
    libpq.PQconninfoFree(options);
    return n;
}
