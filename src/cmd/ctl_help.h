/*
 * ctl_help: the texts of `mesherctl help`, and the words that somebody may have meant.
 */
#ifndef MESHER_CMD_CTL_HELP_H
#define MESHER_CMD_CTL_HELP_H

#include <stdio.h>

#include "cmd/ctl_commands.h"

/* Prints a list of all groups. */
void ctl_help_all(FILE *to);

/* Prints the commands of a group, one by one. */
void ctl_help_group(FILE *to, const char *group);

/* Prints the usage of a command, and its options. */
void ctl_help_command(FILE *to, const struct ctl_entry *k);

/* Prints the usage alone. */
void ctl_help_usage(FILE *to, const struct ctl_entry *k);

/* Prints one line for each command, for programs: its words and its synopsis. */
void ctl_help_list(FILE *to);

/* Returns the meaning of an option, or NULL. */
const char *ctl_help_option(const char *option) MUST_CHECK;

/* Prints in one line that there is no such command, with the nearest one; the commands of
 * the group follow. */
void ctl_help_unknown(FILE *to, const char *const *word, size_t words);

/* Returns the option of the command that is nearest to this text, or none. */
struct str ctl_help_nearest_option(const struct ctl_entry *k,
                                   const char *text) MUST_CHECK;

#endif
