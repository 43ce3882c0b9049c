/*
 * ctl_commands: the table of mesherctl's commands.
 *
 * The synopsis of a command is the only place that knows its arguments and options: the
 * checks of a command line, `mesherctl help`, completion and a test of the manual read it
 * (ctl_synopsis.h).
 */
#ifndef MESHER_CMD_CTL_COMMANDS_H
#define MESHER_CMD_CTL_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/ctl.h"

struct ctl_entry {
    const char *group, *name; /* name NULL: the group is the whole command */
    const char *synopsis, *does;
    ctl_command *run; /* NULL: help, which needs no configuration */
    bool database;    /* uses one; it connects when needed */
};

/* Returns all of them, and sets their number. */
const struct ctl_entry *ctl_entries(size_t *n) MUST_CHECK;

/* Returns the command that the words begin with, or NULL. */
const struct ctl_entry *ctl_find(const char *const *word, size_t words) MUST_CHECK;

/* Returns whether a command begins with this word. */
bool ctl_is_group(const char *word) MUST_CHECK;

/* Returns the number of words of a command's name. */
size_t ctl_entry_words(const struct ctl_entry *k) MUST_CHECK;

#endif
