#include "store/statements.h"

#include "store/sql.h"

#define OF_RECORD(number, NAME, name, shape) \
    [STATEMENT_##NAME] = {#name, store_sql_##name},

static const struct {
    const char *name, *sql;
} texts[N_STATEMENTS] = {
    [STATEMENT_PING] = {"ping", store_sql_ping},
    [STATEMENT_SCHEMA] = {"schema", store_sql_schema},
    [STATEMENT_KEY] = {"key", store_sql_key},
    [STATEMENT_KEY_ACCESS] = {"key_access", store_sql_key_access},
    [STATEMENT_ADMIT] = {"admit", store_sql_admit},
    [STATEMENT_SETTLE] = {"settle", store_sql_settle},
    [STATEMENT_SETTLE_BYTES] = {"settle_bytes", store_sql_settle_bytes},
    [STATEMENT_PROJECTS] = {"projects", store_sql_projects},
    [STATEMENT_KEYS] = {"keys", store_sql_keys},
    [STATEMENT_EXHAUSTED] = {"exhausted", store_sql_exhausted},
    [STATEMENT_STORED] = {"stored", store_sql_stored},
    [STATEMENT_REPLAYED] = {"replayed", store_sql_replayed},
    [STATEMENT_STORE] = {"store", store_sql_store},
    [STATEMENT_TAKE_OVER] = {"take_over", store_sql_take_over},
    [STATEMENT_SPLIT] = {"split", store_sql_split},
    [STATEMENT_FORGET] = {"forget", store_sql_forget},
    [STATEMENT_ORIGINS] = {"origins", store_sql_origins},
    [STATEMENT_SCRUBBING] = {"scrubbing", store_sql_scrubbing},
    [STATEMENT_SCRUBBINGS] = {"scrubbings", store_sql_scrubbings},
    RECORD_KINDS(OF_RECORD)[STATEMENT_FORGET_RECORDS] = {"forget_records",
                                                         store_sql_forget_records},
    [STATEMENT_OUTCOMES] = {"outcomes", store_sql_outcomes},
    [STATEMENT_DROP_INCOMPLETE] = {"drop_incomplete", store_sql_drop_incomplete},
    [STATEMENT_DROP_ORPHANS] = {"drop_orphans", store_sql_drop_orphans},
    [STATEMENT_TELL] = {"tell", store_sql_tell},
};

const char *
statement_name(enum statement s)
{
    return texts[s].name;
}

const char *
statement_sql(enum statement s)
{
    return texts[s].sql;
}
