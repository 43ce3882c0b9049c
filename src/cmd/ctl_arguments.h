/*
 * ctl_arguments: reads a command line of mesherctl (getopt_long(3)) and compares it with
 * the synopsis of its command.
 */
#ifndef MESHER_CMD_CTL_ARGUMENTS_H
#define MESHER_CMD_CTL_ARGUMENTS_H

#include "cmd/ctl_commands.h"

struct ctl_arguments {
    const char *conf;
    bool help, version;
    const struct ctl_entry *entry; /* the command; NULL: help or version only */
};

/* Reads the words and options into c, without the command's own words.  Returns 0, or -1
 * after it has reported the mistake on stderr: an unknown command or option, one that the
 * command does not have, a missing or superfluous argument or value. */
int ctl_arguments_read(int argc, char *const argv[], struct ctl *c,
                       struct ctl_arguments *a) MUST_CHECK;

#endif
