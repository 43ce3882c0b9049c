/*
 * log: one line for each event of note, key=value, to stderr, a file or syslog.
 *
 * ts=2026-05-01T10:00:00.123456Z level=warning prog=mesher-writer event=database_lost
 * detail="…"
 *
 * `event` is from the list below, so that a log can be searched and the manual can say
 * what to do. Values are quoted and control bytes escaped: what a client sent cannot
 * forge a line.  Keys, payloads and connection strings are never passed in here.  A
 * warning or error of the same event within a second is counted instead of written, and
 * the next line of it says the count.
 */
#ifndef MESHER_BASE_LOG_H
#define MESHER_BASE_LOG_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

enum log_level {
    LOG_LEVEL_ERROR,   /* someone must act */
    LOG_LEVEL_WARNING, /* went wrong, healed itself */
    LOG_LEVEL_INFO,    /* life cycle */
    LOG_LEVEL_DEBUG
};

enum log_event {
    LOG_STARTED,
    LOG_STOPPED,
    LOG_CANNOT_START,
    LOG_REQUEST_FAILED,  /* answered with 5xx */
    LOG_REQUEST_REFUSED, /* answered with 4xx; level debug */
    LOG_DATABASE_LOST,   /* connection or statement failed */
    LOG_DATABASE_BACK,
    LOG_WRITER_LOST, /* a responder found no writer, or lost it */
    LOG_WRITER_BACK,
    LOG_CLIENT_DISCONNECTED, /* the writer closed a client that sent nonsense */
    LOG_POISON,              /* PostgreSQL refused a row; it is in the poison directory */
    LOG_PARTITION_MADE,
    LOG_PARTITION_DROPPED,
    LOG_SCHEMA_MISMATCH,
    LOG_OUT_OF_RESOURCES, /* memory, descriptors */
    LOG_SPOOLED,          /* events go to the spool from now on */
    LOG_SPOOL_REFUSES,    /* full, or the disk fails */
    LOG_SPOOL_DAMAGED,    /* a file went to bad/ */
    LOG_SPOOL_DRAINED,    /* all of it is in the database */
    LOG_SPOOL_NO_PROJECT, /* spooled events of a project that is gone were dropped */
    LOG_CHILD_STARTED,    /* mesherd: a process was started */
    LOG_CHILD_ENDED,
    LOG_CHILD_KILLED, /* it did not get ready, or did not stop, in time */
    LOG_CHILD_FAILED, /* it stays down */
    LOG_GAVE_UP,      /* everything is stopped, and one child is to blame */
    LOG_RELOADED,
    LOG_RELOAD_REFUSED,
    LOG_EVENTS /* their number */
};

/* Opens the log.  target is "stderr", "syslog" or the absolute path of a file that is
 * appended to; program is kept.  Returns 0, or -1 with ERROR_CONFIG or ERROR_SYSTEM.
 * Before the first call the log goes to stderr; a later one takes its place. */
int log_open(const char *target, enum log_level level, const char *program,
             struct error *e) MUST_CHECK;

/* Would a line of this level be written? */
int log_wants(enum log_level level) MUST_CHECK;

/* One name=value pair; a text, or a number when text is absent. */
struct log_pair {
    const char *name;
    struct str text;
    int64_t number;
};

/* Pairs for log_write(). */
#define LOG_TEXT(name_, s_) ((struct log_pair){.name = (name_), .text = (s_)})
#define LOG_NUMBER(name_, v_) ((struct log_pair){.name = (name_), .number = (v_)})

/* Writes one line with count pairs; a line that would pass 1 KiB is cut. */
void log_write(enum log_level level, enum log_event event, const struct log_pair *pairs,
               size_t count);

/* Writes text, detail and SQLSTATE of e, and the number n under name when name is not
 * NULL. */
void log_error(enum log_level level, enum log_event event, const struct error *e,
               const char *name, int64_t n);

/* The word for an event. */
const char *log_event_name(enum log_event event) MUST_CHECK;

/* Takes error, warning, info or debug.  Returns 0, or -1. */
int log_level_parse(struct str word, enum log_level *out) MUST_CHECK;

#endif
