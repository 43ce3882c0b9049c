#include "store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "store/sql.h"

#define LIST_MAX_BYTES (8 * LIMIT_KIB)

/* A transaction's first statement; one that follows a SELECT is refused.  In spite of its
 * form it ends with the transaction; PostgreSQL logs a warning for the other forms, since
 * it does not know here that more follows. */
#define ISOLATION "SET transaction_isolation = 'read committed'"

struct setting {
    const char *name, *value; /* as SHOW prints it, so that equal values are left alone */
};

static const struct setting always[] = {
    /* What statements mean, and how values are written. */
    {"DateStyle", "ISO, MDY"},
    {"IntervalStyle", "postgres"},
    {"TimeZone", "UTC"},
    {"array_nulls", "on"},
    {"backslash_quote", "safe_encoding"},
    {"bytea_output", "hex"},
    {"check_function_bodies", "on"},
    {"client_min_messages", "error"},
    {"escape_string_warning", "off"},
    {"exit_on_error", "off"},
    {"extra_float_digits", "1"},
    {"gin_fuzzy_search_limit", "0"},
    {"quote_all_identifiers", "off"},
    {"row_security", "on"},
    {"standard_conforming_strings", "on"},
    {"transform_null_equals", "off"},
    {"xmlbinary", "base64"},
    /* What a transaction does. */
    {"default_transaction_deferrable", "off"},
    {"default_transaction_isolation", "read committed"},
    {"session_replication_role", "origin"},
    {"synchronous_commit", "on"},
    /* How long it may take; statement_timeout follows below. */
    {"idle_in_transaction_session_timeout", "0"},
    {"idle_session_timeout", "0"},
    {"lock_timeout", "0"},
    {"transaction_timeout", "0"},
    /* Plans.  Compiling one takes longer than it saves. */
    {"constraint_exclusion", "partition"},
    {"enable_bitmapscan", "on"},
    {"enable_gathermerge", "on"},
    {"enable_hashagg", "on"},
    {"enable_hashjoin", "on"},
    {"enable_incremental_sort", "on"},
    {"enable_indexonlyscan", "on"},
    {"enable_indexscan", "on"},
    {"enable_material", "on"},
    {"enable_memoize", "on"},
    {"enable_mergejoin", "on"},
    {"enable_partition_pruning", "on"},
    {"enable_seqscan", "on"},
    {"enable_sort", "on"},
    {"enable_tidscan", "on"},
    {"jit", "off"},
};

static const struct setting single[] = {
    {"enable_nestloop", "on"},
    {"plan_cache_mode", "auto"},
};

static const struct setting batched[] = {
    {"enable_nestloop", "off"},
    {"plan_cache_mode", "force_generic_plan"},
    {"work_mem", "32MB"},
};

static void
add(struct buf *names, struct buf *values, const struct setting *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_f(names, "%s%s", names->n == 0 ? "{" : ",", list[i].name);
        buf_add_f(values, "%s\"%s\"", values->n == 0 ? "{" : ",", list[i].value);
    }
}

/* Ends the array, and returns it as text to be freed; NULL (ENOMEM). */
static char *
end(struct buf *list)
{
    char *text;

    buf_add_text(list, "}");
    buf_add_char(list, '\0');
    text = list->failed ? NULL : strdup(list->data);
    buf_release(list);
    return text;
}

int
session_init(struct session *s, int64_t statement_timeout_ms, bool batch)
{
    struct buf names = buf_init(LIST_MAX_BYTES), values = buf_init(LIST_MAX_BYTES);
    char timeout[32];

    (void)snprintf(timeout, sizeof timeout, "%lldms", (long long)statement_timeout_ms);
    add(&names, &values, always, COUNT_OF(always));
    add(&names, &values, &(const struct setting){"statement_timeout", timeout}, 1);
    if (batch)
        add(&names, &values, batched, COUNT_OF(batched));
    else
        add(&names, &values, single, COUNT_OF(single));
    *s = (struct session){.names = end(&names), .values = end(&values)};
    if (s->names != NULL && s->values != NULL)
        return 0;
    session_release(s);
    return -1;
}

void
session_release(struct session *s)
{
    free(s->names);
    free(s->values);
    s->names = s->values = NULL;
}

static struct link_query
query(struct session *s, const char *local, int pid)
{
    (void)snprintf(s->pid, sizeof s->pid, "%d", pid);
    s->params[0] = s->names;
    s->params[1] = s->values;
    s->params[2] = local;
    s->params[3] = s->pid;
    return (struct link_query){.what = "session",
                               .sql = store_sql_settings,
                               .count = SESSION_PARAMS,
                               .values = s->params};
}

struct link_query
session_query(struct session *s, int pid)
{
    return query(s, "f", pid);
}

void
session_begin(struct session *s, struct link_query out[SESSION_BEGIN])
{
    out[0] = (struct link_query){.what = "session", .sql = ISOLATION};
    out[1] = query(s, "t", 0);
}

/* Writes settings.sql with its parameters as literals. */
void
session_begin_text(const struct session *s, struct buf *out)
{
    const char *const values[SESSION_PARAMS] = {s->names, s->values, "t", "0"};
    const char *at = store_sql_settings, *dollar;

    buf_add_text(out, ISOLATION ";");
    for (; (dollar = strchr(at, '$')) != NULL; at = dollar + 2) {
        buf_add(out, at, (size_t)(dollar - at));
        buf_add_f(out, "'%s'", values[dollar[1] - '1']);
    }
    buf_add_text(out, at);
    buf_add_text(out, ";");
}
