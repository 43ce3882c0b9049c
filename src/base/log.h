/*
 * log: one line per notable event, as key=value, to stderr, a file or syslog.
 *
 * ts=2026-05-01T10:00:00.123456Z level=warning prog=mesher-writer event=database_lost
 * detail="…"
 *
 * `event` comes from the list below, so that a log can be searched and the manual can say
 * what to do.  Values are quoted and control bytes escaped: client data cannot forge a
 * line.  Callers never pass keys, payloads or connection strings.  A warning or error
 * that repeats an event within a second is counted instead of written, and the event's
 * next line reports the count.
 */
#ifndef MESHER_BASE_LOG_H
#define MESHER_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

enum log_level {
    LOG_LEVEL_ERROR,   /* needs action */
    LOG_LEVEL_WARNING, /* failed, then recovered */
    LOG_LEVEL_INFO,    /* life cycle */
    LOG_LEVEL_DEBUG
};

enum log_event {
    LOG_STARTED,
    LOG_STOPPED,
    LOG_CONFINED, /* privileges that a process dropped after its start */
    LOG_CANNOT_START,
    LOG_REQUEST_FAILED,  /* answered with 5xx */
    LOG_REQUEST_REFUSED, /* answered with 4xx; level debug */
    LOG_DATABASE_LOST,   /* connection or statement failed */
    LOG_DATABASE_BACK,
    LOG_WRITER_LOST, /* a responder could not reach the writer, or lost it */
    LOG_WRITER_BACK,
    LOG_CLIENT_DISCONNECTED, /* the writer closed a client that sent invalid frames */
    LOG_PEER_REFUSED,        /* an unlisted user connected to a socket */
    LOG_POISON,              /* PostgreSQL refused a row; it is in the poison directory */
    LOG_PARTITION_MADE,
    LOG_PARTITION_DROPPED,
    LOG_CLOCK_DIFFERS,
    LOG_SCHEMA_MISMATCH,
    LOG_OUT_OF_RESOURCES, /* memory or descriptors */
    LOG_SPOOLED,          /* events go to the spool from here on */
    LOG_SPOOL_REFUSES,    /* the spool is full, or the disk fails */
    LOG_SPOOL_DAMAGED,    /* a file was moved to bad/ */
    LOG_SPOOL_DRAINED,    /* the whole spool was replayed into the database */
    LOG_SPOOL_NO_PROJECT, /* dropped spooled events of a deleted project */
    LOG_CHILD_STARTED,    /* mesherd started a process */
    LOG_CHILD_ENDED,
    LOG_CHILD_KILLED, /* a child was not ready, or did not stop, in time */
    LOG_CHILD_FAILED, /* a child stays down */
    LOG_GAVE_UP,      /* mesherd stopped everything because of one child */
    LOG_RELOADED,
    LOG_RELOAD_REFUSED,
    LOG_INTERNAL_ERROR, /* a bug in Mesher; the program goes on */
    N_LOG_EVENTS        /* number of events */
};

/* Opens the log. target is "stderr", "syslog" or the absolute path of a file to append
 * to; the log keeps a copy of program.  Returns 0, or -1 with ERROR_CONFIG or
 * ERROR_SYSTEM.  Before the first call the log goes to stderr; a later call replaces the
 * target. */
int log_open(const char *target, enum log_level level, const char *program,
             struct error *e) MUST_CHECK;

/* Returns whether a line of this level would be written. */
bool log_wants(enum log_level level) MUST_CHECK;

/* One name=value pair: a text, or a number when text is absent. */
struct log_pair {
    const char *name;
    struct str text;
    int64_t number;
};

/* Pairs for log_write(). */
#define LOG_TEXT(name_, s_) ((struct log_pair){.name = (name_), .text = (s_)})
#define LOG_NUMBER(name_, v_) ((struct log_pair){.name = (name_), .number = (v_)})

/* Writes one line with count pairs; a line longer than 1 KiB is truncated. */
void log_write(enum log_level level, enum log_event event, const struct log_pair *pairs,
               size_t count);

/* Writes text, detail and SQLSTATE of e, and the number n under name unless name is
 * NULL. */
void log_error(enum log_level level, enum log_event event, const struct error *e,
               const char *name, int64_t n);

/* Returns the word for an event. */
const char *log_event_name(enum log_event event) MUST_CHECK;

/* Parses error, warning, info or debug.  Returns 0, or -1. */
int log_level_parse(struct str word, enum log_level *out) MUST_CHECK;

#endif
