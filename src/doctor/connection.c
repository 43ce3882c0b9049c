/* Why there is no connection to PostgreSQL, and what helps. */
#include <string.h>

#include "doctor/doctor.h"
#include "store/refusal.h"

/* What a refusal is about.  The SQLSTATE decides where there is one: the server's texts
 * are translated, and words like "does not exist" occur in many. */
enum fault {
    FAULT_ADDRESS,
    FAULT_ROLE,
    FAULT_DATABASE,
    FAULT_LOGIN,
    FAULT_FULL,
    FAULT_FULL_ROLE,
    FAULT_FULL_DATABASE,
    FAULT_CERTIFICATE,
    FAULT_TLS,
    FAULT_CONNINFO
};

static const struct {
    const char *sqlstate; /* NULL: any, also none */
    const char *words;    /* part of the text; NULL: any text */
    enum fault fault;
} faults[] = {
    {"3D000", NULL, FAULT_DATABASE},
    {"28P01", NULL, FAULT_LOGIN},
    {"28000", "pg_hba", FAULT_LOGIN},
    {"28000", "authentication", FAULT_LOGIN},
    {"28000", NULL, FAULT_ROLE},
    {REFUSAL_FULL, " role ", FAULT_FULL_ROLE},
    {REFUSAL_FULL, " database ", FAULT_FULL_DATABASE},
    {REFUSAL_FULL, NULL, FAULT_FULL},
    /* Texts of libpq, in English unless the terminal's language is another, and those of
     * poolers, which send other codes. */
    {NULL, "certificate", FAULT_CERTIFICATE},
    {NULL, "private key file", FAULT_CERTIFICATE},
    {NULL, "SSL", FAULT_TLS},
    {NULL, "connection string", FAULT_CONNINFO},
    {NULL, "no password supplied", FAULT_LOGIN},
    {NULL, "password authentication failed", FAULT_LOGIN},
    {NULL, "pg_hba", FAULT_LOGIN},
    {NULL, "no such user", FAULT_ROLE},
    {NULL, "no such database", FAULT_DATABASE},
    {NULL, "too many connections for role", FAULT_FULL_ROLE},
    {NULL, "too many connections for database", FAULT_FULL_DATABASE},
    {NULL, "too many clients", FAULT_FULL},
    {NULL, "remaining connection slots", FAULT_FULL},
};

static enum fault
fault_of(const char *sqlstate, const char *why)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        if ((faults[i].sqlstate == NULL || strcmp(faults[i].sqlstate, sqlstate) == 0) &&
            (faults[i].words == NULL || strstr(why, faults[i].words) != NULL))
            return faults[i].fault;
    return FAULT_ADDRESS;
}

/* Copies the name that a text has in quotes, else a word for it. */
static void
name_in(const char *why, const char *otherwise, char out[64])
{
    const char *at = strchr(why, '"'), *end = at == NULL ? NULL : strchr(at + 1, '"');

    str_copy(end == NULL ? str_of(otherwise)
                         : (struct str){at + 1, (size_t)(end - at) - 1},
             out, 64);
}

void
doctor_mend_connection(struct doctor *d, const char *why)
{
    static const char *const mends[] = {
        [FAULT_ADDRESS] =
            "systemctl start postgresql, or correct its address: `database` "
            "in the configuration",
        [FAULT_ROLE] = "as user postgres: createuser ROLE; createdb -O ROLE DATABASE; "
                       "then: mesherctl migrate",
        [FAULT_DATABASE] = "as user postgres: createdb -O ROLE DATABASE; then: mesherctl "
                           "migrate",
        [FAULT_LOGIN] =
            "put the role's password into `database` of the configuration, or "
            "add a line for the role to pg_hba.conf, then: SELECT "
            "pg_reload_conf()",
        [FAULT_FULL] = "end connections that SELECT * FROM pg_stat_activity shows, or "
                       "ALTER SYSTEM SET max_connections to more than SHOW "
                       "max_connections says, then restart PostgreSQL",
        [FAULT_CERTIFICATE] = "put the file there, readable by the service's user, or "
                              "correct sslrootcert, sslcert, sslkey or sslmode: "
                              "`database` in the configuration",
        [FAULT_TLS] =
            "ssl = on in postgresql.conf, or another sslmode: `database` in the "
            "configuration",
        [FAULT_CONNINFO] = "correct the connection string: `database` in the "
                           "configuration",
    };

    enum fault fault = fault_of(db_refusal(d->db), why);
    const char *full = strstr(why, "too many connections");
    char name[64];

    name_in(full == NULL ? why : full, fault == FAULT_FULL_ROLE ? "ROLE" : "DATABASE",
            name);
    if (fault == FAULT_FULL_ROLE || fault == FAULT_FULL_DATABASE)
        report_mend(&d->report, "ALTER %s %s CONNECTION LIMIT -1;",
                    fault == FAULT_FULL_ROLE ? "ROLE" : "DATABASE", name);
    else
        report_mend(&d->report, "%s", mends[fault]);
}
