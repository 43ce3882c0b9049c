/* mesherctl project …, mesherctl key … */
#include <string.h>

#include "admin/stats.h"
#include "base/jsonout.h"
#include "cmd/ctl.h"

/* A key has at most 64 characters. */
#define LINE_BYTES 128

static void
show(struct ctl *c, const struct table *t, bool one)
{
    if (!c->json && one)
        ctl_row(&c->out, t, 0, t->column_count);
    else if (!c->json)
        ctl_table(&c->out, t, t->column_count);
    else if (!one)
        ctl_json_rows(&c->out, t, t->column_count);
    else {
        ctl_json_row(&c->out, t, 0, t->column_count);
        buf_add_char(&c->out, '\n');
    }
}

static int
show_projects(struct ctl *c, const char *project, struct error *e)
{
    struct table t;

    if (projects_list(&c->projects, project, &t, e) != 0)
        return -1;
    show(c, &t, project != NULL);
    table_release(&t);
    return 0;
}

static int
show_keys(struct ctl *c, const char *project, const char *key, struct error *e)
{
    struct table t;

    if (projects_keys(&c->projects, project, key, &t, e) != 0)
        return -1;
    show(c, &t, key != NULL);
    table_release(&t);
    return 0;
}

int
ctl_project_add(struct ctl *c, struct error *e)
{
    char id[24];

    if (projects_add(&c->projects, c->word[0], c->option.id, id, e) != 0)
        return -1;
    return show_projects(c, id, e);
}

int
ctl_project_list(struct ctl *c, struct error *e)
{
    return show_projects(c, NULL, e);
}

/* A list as a member of an object, or as a table below a heading. */
static void
show_list(struct ctl *c, const char *name, const struct table *t)
{
    if (!c->json && t->row_count > 0) {
        buf_add_f(&c->out, "\n%s:\n", name);
        ctl_table(&c->out, t, t->column_count);
    }
    if (!c->json)
        return;
    jsonout_name(&c->out, name);
    buf_add_char(&c->out, '[');
    for (size_t i = 0; i < t->row_count; i++) {
        if (i > 0)
            buf_add_char(&c->out, ',');
        ctl_json_row(&c->out, t, i, t->column_count);
    }
    buf_add_char(&c->out, ']');
}

int
ctl_project_show(struct ctl *c, struct error *e)
{
    struct table t = {0}, reports = {0}, counts = {0};
    int rc;

    if (projects_list(&c->projects, c->word[0], &t, e) != 0)
        return -1;
    rc = stats_client_reports(c->db, c->word[0], &reports, e);
    if (rc == 0)
        rc = stats_item_counts(c->db, c->word[0], &counts, e);
    if (rc == 0) {
        if (c->json)
            buf_add_char(&c->out, '{');
        if (c->json)
            ctl_json_members(&c->out, &t, 0, 0, t.column_count);
        else
            ctl_row(&c->out, &t, 0, t.column_count);
        show_list(c, "client_reports", &reports);
        show_list(c, "counts", &counts);
        if (c->json)
            buf_add_text(&c->out, "}\n");
    }
    table_release(&counts);
    table_release(&reports);
    table_release(&t);
    return rc;
}

int
ctl_project_set(struct ctl *c, struct error *e)
{
    struct project_settings settings = {.name = NULL};

    const struct {
        const char *prefix;
        const char **value;
    } known[] = {{"name=", &settings.name},
                 {"rate_limit=", &settings.rate_limit},
                 {"rate_window=", &settings.rate_window},
                 {"byte_limit=", &settings.byte_limit},
                 {"issue_limit=", &settings.issue_limit},
                 {"issue_retention_days=", &settings.issue_retention_days},
                 {"origins=", &settings.origins},
                 {"retention_days=", &settings.retention_days},
                 {"scrub=", &settings.scrub},
                 {"scrub_ip=", &settings.scrub_ip},
                 {"scrub_fields=", &settings.scrub_fields},
                 {"safe_fields=", &settings.safe_fields},
                 {"filters=", &settings.filters}};

    for (size_t i = 1; i < c->words; i++) {
        bool found = false;

        for (size_t j = 0; j < COUNT_OF(known); j++)
            if (str_starts(str_of(c->word[i]), str_of(known[j].prefix))) {
                *known[j].value = c->word[i] + strlen(known[j].prefix);
                found = true;
            }
        if (!found)
            return error_set(e, ERROR_MALFORMED,
                             "no such setting: %.60s; see mesherctl(8), project set",
                             c->word[i]);
    }
    if (projects_set(&c->projects, c->word[0], &settings, e) != 0)
        return -1;
    return show_projects(c, settings.name == NULL ? c->word[0] : settings.name, e);
}

int
ctl_project_remove(struct ctl *c, struct error *e)
{
    if (!c->option.yes)
        return error_set(e, ERROR_MALFORMED,
                         "this removes the project with all its events: add --yes");
    if (projects_remove(&c->projects, c->word[0], e) != 0)
        return -1;
    if (c->json)
        buf_add_text(&c->out, "{\"removed\":true}\n");
    return 0;
}

/* Reads a key from the command line, or from standard input for "-": every user of the
 * machine can read command lines. */
static int
key_of(const char *word, char line[LINE_BYTES], const char **key, struct error *e)
{
    *key = word;
    if (word == NULL || strcmp(word, "-") != 0)
        return 0;
    if (fgets(line, LINE_BYTES, stdin) == NULL)
        return error_set(e, ERROR_MALFORMED, "no key on standard input");
    line[strcspn(line, "\r\n")] = '\0';
    *key = line;
    return 0;
}

int
ctl_key_add(struct ctl *c, struct error *e)
{
    char key[65], line[LINE_BYTES];
    const char *given;

    if (key_of(c->option.key, line, &given, e) != 0 ||
        projects_add_key(&c->projects, c->word[0], c->option.label, given, key, e) != 0)
        return -1;
    return show_keys(c, NULL, key, e);
}

int
ctl_key_list(struct ctl *c, struct error *e)
{
    return show_keys(c, c->words == 1 ? c->word[0] : NULL, NULL, e);
}

int
ctl_key_revoke(struct ctl *c, struct error *e)
{
    char key[65], line[LINE_BYTES];
    const char *given;

    if (key_of(c->word[0], line, &given, e) != 0 ||
        projects_find_key(&c->projects, given, key, e) != 0 ||
        projects_revoke_key(&c->projects, key, e) != 0)
        return -1;
    return show_keys(c, NULL, key, e);
}
