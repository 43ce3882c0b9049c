#include "cmd/ctl_commands.h"

#include <string.h>

static const struct ctl_entry commands[] = {
    {"migrate", NULL, "", "upgrades the database to this version's schema", ctl_migrate,
     true},
    {"project", "add", "NAME [--id N]", "adds a project with a key", ctl_project_add,
     true},
    {"project", "list", "", "lists the projects", ctl_project_list, true},
    {"project", "show", "PROJECT", "shows one", ctl_project_show, true},
    {"project", "set", "PROJECT KEY=VALUE...",
     "sets name, limits, origins, days, scrubbing", ctl_project_set, true},
    {"project", "remove", "PROJECT --yes", "removes it with all its events",
     ctl_project_remove, true},
    {"key", "add", "PROJECT [--label L] [--key KEY]", "adds a key", ctl_key_add, true},
    {"key", "list", "[PROJECT]", "lists keys", ctl_key_list, true},
    {"key", "revoke", "KEY", "revokes a key, within 5 s", ctl_key_revoke, true},
    {"event", "list", "PROJECT [--issue ID] [--limit N]", "lists events, newest first",
     ctl_event_list, true},
    {"event", "show", "ID [--project PROJECT] [--payload]", "shows one event",
     ctl_event_show, true},
    {"event", "tail", "[PROJECT]", "shows events as they are stored", ctl_event_tail,
     true},
    {"issue", "list",
     "[PROJECT] [--status unresolved|resolved|ignored] [--level "
     "fatal|error|warning|info|debug] [--environment E] [--release R] [--query WORDS]"
     " [--since TIME] [--assignee NAME] [--sort last_seen|first_seen|count|users]"
     " [--limit N] [--after TOKEN]",
     "lists issues", ctl_issue_list, true},
    {"issue", "show", "ISSUE", "shows one with its latest event", ctl_issue_show, true},
    {"issue", "resolve", "ISSUE [--in RELEASE | --in-next] [--by NAME]",
     "marks it as done; an event of a later release reopens it", ctl_issue_resolve, true},
    {"issue", "reopen", "ISSUE [--by NAME]", "reopens it", ctl_issue_reopen, true},
    {"issue", "ignore", "ISSUE [--until TIME] [--count N] [--by NAME]",
     "hides it, for good or until a time or N more events", ctl_issue_ignore, true},
    {"issue", "assign", "ISSUE NAME | ISSUE --nobody [--by NAME]",
     "assigns it to somebody", ctl_issue_assign, true},
    {"issue", "note", "ISSUE TEXT [--by NAME]", "adds a note", ctl_issue_note, true},
    {"issue", "merge", "ISSUE INTO [--by NAME]", "merges it into another one",
     ctl_issue_merge, true},
    {"issue", "unmerge", "ISSUE | FINGERPRINT [--by NAME]", "undoes merges into it",
     ctl_issue_unmerge, true},
    {"issue", "delete", "ISSUE --yes", "removes it with its events", ctl_issue_delete,
     true},
    {"issue", "discard", "ISSUE --yes", "removes it and drops its future events",
     ctl_issue_discard, true},
    {"stats", NULL, "[PROJECT] [--days N]",
     "counts accepted and refused events, by project and day", ctl_stats, true},
    {"top", NULL, "", "shows event rates, updated every two seconds; q quits", ctl_top,
     true},
    {"event", "explain", "ID [--project PROJECT]", "explains how its issue was found",
     ctl_event_explain, true},
    {"rules", "test", "FILE EVENT",
     "tries grouping rules on an event, a file with its JSON, or -", ctl_rules_test,
     false},
    {"grouping", "rehearse", "PROJECT [--rules FILE] [--sample N] [--since TIME]",
     "groups stored events again, and shows which issues would split or be one; changes "
     "nothing",
     ctl_grouping_rehearse, true},
    {"spool", "list", "", "lists the files of the spool, oldest first", ctl_spool_list,
     false},
    {"spool", "show", "NAME", "shows the events in one", ctl_spool_show, false},
    {"spool", "flush", "", "stores them all now, or waits until the writer has",
     ctl_spool_flush, true},
    {"spool", "retry", "NAME|all", "tries files that were set aside again",
     ctl_spool_retry, false},
    {"attachment", "list", "EVENT [--project PROJECT] | PROJECT [--limit N]",
     "lists the attachments of an event or a project", ctl_attachment_list, true},
    {"attachment", "get", "ID | EVENT FILENAME [--project PROJECT]",
     "prints the bytes of one attachment", ctl_attachment_get, true},
    {"release", "list", "PROJECT [--limit N]", "lists releases with their sessions",
     ctl_release_list, true},
    {"release", "show", "PROJECT RELEASE", "shows one, by environment", ctl_release_show,
     true},
    {"monitor", "list", "PROJECT", "lists monitors with their states", ctl_monitor_list,
     true},
    {"monitor", "show", "PROJECT SLUG", "shows one with its last check-ins",
     ctl_monitor_show, true},
    {"monitor", "delete", "PROJECT SLUG --yes", "removes one with its check-ins",
     ctl_monitor_delete, true},
    {"status", NULL, "", "shows the state of every part", ctl_status, true},
    {"doctor", NULL, "",
     "checks the whole installation, and prints every fault with its fix", ctl_doctor,
     true},
    {"send-test", NULL, "[PROJECT]",
     "sends an event through the public URL and waits until it is stored", ctl_send_test,
     true},
    {"config", NULL, "", "prints the configuration in force", ctl_config, false},
    {"maintenance", NULL, "[--loop]",
     "creates partitions, deletes old ids, replays the spool, once or every "
     "maintenance_interval seconds",
     ctl_maintenance, true},
    {"reload", NULL, "", "makes mesherd reload its configuration", ctl_reload, false},
    {"restart", NULL, "[CHILD]",
     "makes mesherd replace its children one by one, without a failed request",
     ctl_restart, false},
    {"stop", NULL, "", "makes mesherd stop everything and exit", ctl_stop, false},
    {"help", NULL, "[COMMAND...]", "describes a command, a group of them, or all", NULL,
     false},
};

const struct ctl_entry *
ctl_entries(size_t *n)
{
    *n = COUNT_OF(commands);
    return commands;
}

const struct ctl_entry *
ctl_find(const char *const *word, size_t words)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const struct ctl_entry *k = &commands[i];

        if (words >= ctl_entry_words(k) && strcmp(k->group, word[0]) == 0 &&
            (k->name == NULL || strcmp(k->name, word[1]) == 0))
            return k;
    }
    return NULL;
}

bool
ctl_is_group(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(commands[i].group, word) == 0)
            return true;
    return false;
}

size_t
ctl_entry_words(const struct ctl_entry *k)
{
    return k->name == NULL ? 1 : 2;
}
