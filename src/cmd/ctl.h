/*
 * ctl: shared by the commands of mesherctl.
 */
#ifndef MESHER_CMD_CTL_H
#define MESHER_CMD_CTL_H

#include <stdbool.h>

#include "admin/projects.h"
#include "admin/table.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "event/render.h"
#include "setup/conf.h"
#include "store/db.h"

/* Exit codes of mesherctl. */
#define CTL_DONE 0
#define CTL_FAILED 1
#define CTL_USAGE 2
#define CTL_NOT_FOUND 3

#define CTL_WORDS 64

/* Maximum length of a child's name. */
#define CTL_CHILD_BYTES 80

struct ctl {
    const struct conf *conf;
    const char *conf_path;          /* NULL: there is no file */
    const struct error *conf_error; /* its error, for ctl_doctor only */
    struct db *db;
    struct projects projects;
    bool json;
    /* The words after the command, without its options and their values. */
    const char *word[CTL_WORDS];
    size_t words;

    struct {
        const char *id, *label, *key, *issue, *limit, *project;
        const char *status, *level, *environment, *release, *query, *since, *assignee;
        const char *sort, *after, *in, *until, *count, *by, *days, *rules, *sample;
        bool yes, payload, loop, in_next, nobody;
    } option;
    struct buf out; /* printed as a whole when the command succeeds */
};

/* A command: appends to c->out.  Its synopsis was checked before: the number of arguments
 * and the options are right.  Returns 0, or -1 with e; ctl_usage() for arguments that do
 * not go together. */
typedef int ctl_command(struct ctl *c, struct error *e);

/* Runs mesherctl; returns its exit code. */
int ctl_main(int argc, char *const argv[]) MUST_CHECK;

/* Sets the error that makes mesherctl print the command's usage and exit 2.  Returns -1.
 */
int ctl_usage(struct error *e);

ctl_command ctl_migrate, ctl_config, ctl_status, ctl_maintenance;
ctl_command ctl_project_add, ctl_project_list, ctl_project_show, ctl_project_set,
    ctl_project_remove;
ctl_command ctl_key_add, ctl_key_list, ctl_key_revoke;
ctl_command ctl_event_list, ctl_event_show, ctl_event_tail, ctl_event_explain;
ctl_command ctl_issue_list, ctl_issue_show, ctl_issue_resolve, ctl_issue_reopen,
    ctl_issue_ignore, ctl_issue_assign, ctl_issue_note, ctl_issue_merge,
    ctl_issue_unmerge, ctl_issue_delete, ctl_issue_discard;
ctl_command ctl_stats, ctl_top;
ctl_command ctl_rules_test, ctl_grouping_rehearse;
ctl_command ctl_spool_list, ctl_spool_show, ctl_spool_flush, ctl_spool_retry;

/* Replays the spool, or waits while another process does.  Sets the number of events
 * replayed here, and of files left.  Returns 0, or -1 with e. */
int ctl_drain(struct ctl *c, int64_t *events, int64_t *left, struct error *e) MUST_CHECK;

/* Appends the state of the spool: an object, or a line. */
void ctl_spool_status(struct ctl *c);

/* Writes the file of the keys that stay good while the database is away. */
void ctl_renew_keys(struct ctl *c);
ctl_command ctl_reload, ctl_restart, ctl_stop;
ctl_command ctl_doctor, ctl_send_test;

/* Returns whether the writer answers, asked as by a responder. */
bool ctl_writer_answers(const struct ctl *c) MUST_CHECK;

/* Returns the file of trusted certificates for requests; NULL: the system's. */
const char *ctl_ca_file(void) MUST_CHECK;

/* Appends mesherd's status of its children, for ctl_status. */
ctl_command ctl_children;
ctl_command ctl_attachment_list, ctl_attachment_get;
ctl_command ctl_release_list, ctl_release_show;
ctl_command ctl_monitor_list, ctl_monitor_show, ctl_monitor_delete;

/* Returns the option --limit as text, checked, or its default; NULL with e. */
const char *ctl_limit(const struct ctl *c, struct error *e) MUST_CHECK;

/* The output device: columns of a line (SIZE_MAX if unknown), and whether to use
 * colour. */
struct ctl_screen {
    size_t columns, rows;
    bool terminal, colour;
};

struct ctl_screen ctl_screen(void) MUST_CHECK;

/* Writes the content of c->out, and empties it. */
int ctl_flush(struct ctl *c, struct error *e) MUST_CHECK;

/* Parses a time and converts it to RFC 3339: an RFC 3339 time, a date, or a duration
 * (90s, 30m, 24h, 7d, 2w) before now (ahead: after it).  option: its name, for the
 * error. */
int ctl_moment(const char *option, const char *text, bool ahead, char out[32],
               struct error *e) MUST_CHECK;

/* Appends a number of seconds in short form: "12s", "5m", "3h", "9d". */
void ctl_age(struct buf *out, int64_t seconds);

/* Converts a time of RFC 3339 to the one format for people, "2026-05-01 10:00:00 UTC";
 * anything else stays as it is.  Returns a view of out, or the text. */
struct str ctl_time(struct str rfc3339, char out[32]) MUST_CHECK;

struct rules;

/* Lets the administrator's grouping rules decide whose the frames are that r draws.  Sets
 * *out to an object to be freed with rules_free().  Returns 0, or -1 with ERROR_CONFIG.
 */
int ctl_frame_rules(struct ctl *c, struct render *r, struct rules **out,
                    struct error *e) MUST_CHECK;

/* Draws an event: a heading, its columns, and all that its payload has.  Returns 0, or -1
 * with ERROR_UNAVAILABLE. */
int ctl_draw_event(const struct render *r, const char *heading, const struct table *event,
                   struct str payload, struct error *e) MUST_CHECK;

/* Appends s for a terminal: one line, without control sequences. */
void ctl_clean(struct buf *out, struct str s);

/* Append a table: columns for people, or a JSON array.  columns: the number of columns
 * shown. */
void ctl_table(struct buf *out, const struct table *t, size_t columns);
void ctl_json_rows(struct buf *out, const struct table *t, size_t columns);

/* Appends a table as a member of an object: its name, and a JSON array of all columns. */
void ctl_json_member_rows(struct buf *out, const char *name, const struct table *t);

/* Appends a cell of such a table and two blanks; row 0: the column's name. */
void ctl_table_cell(struct buf *out, const struct table *t, size_t row, size_t column);

/* Append one row: "name  value" lines, or a JSON object. */
void ctl_row(struct buf *out, const struct table *t, size_t row, size_t columns);
void ctl_json_row(struct buf *out, const struct table *t, size_t row, size_t columns);

/* Append the members of such an object, columns from..to. */
void ctl_json_members(struct buf *out, const struct table *t, size_t row, size_t from,
                      size_t to);

#endif
