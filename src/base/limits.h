/*
 * limits: every fixed limit of Mesher, with its reason.
 *
 * The configuration (setup/conf.h) has the limits that an administrator may change; the
 * limits here either belong to a contract or protect the process.
 */
#ifndef MESHER_BASE_LIMITS_H
#define MESHER_BASE_LIMITS_H

#define LIMIT_KIB ((size_t)1024)
#define LIMIT_MIB (LIMIT_KIB * 1024)

/* One event, both compressed and decompressed: part of the native API's contract. */
#define LIMIT_EVENT_BYTES (1 * LIMIT_MIB)

/* Nesting depth of JSON: Mesher does not recurse, but readers of the payload may. */
#define LIMIT_JSON_DEPTH 128U

/* Characters stored in columns (sentry-protocol section 6); the payload keeps the full
 * text.  A longer text is cut to the limit minus 3 characters plus "...". */
#define LIMIT_MESSAGE_CHARS 8192U
#define LIMIT_TITLE_CHARS 256U
#define LIMIT_CULPRIT_CHARS 200U
#define LIMIT_TRANSACTION_CHARS 200U
#define LIMIT_RELEASE_CHARS 200U
#define LIMIT_ENVIRONMENT_CHARS 64U
#define LIMIT_SERVER_NAME_CHARS 256U
#define LIMIT_PLATFORM_CHARS 64U
#define LIMIT_USER_ID_CHARS 128U

/* Tags in the column: LIMIT_TAGS of them, with keys and values of at most 200
 * characters. */
#define LIMIT_TAG_CHARS 200U
#define LIMIT_TAGS 256U

/* Characters stored in the columns of an exception. */
#define LIMIT_TYPE_CHARS 256U
#define LIMIT_VALUE_CHARS 8192U

/* Notes on the problems of one event, and characters of a value in one note. */
#define LIMIT_NOTES 32U
#define LIMIT_NOTE_CHARS 200U

/* Scrubbed places whose path is recorded. */
#define LIMIT_SCRUB_PATHS 32U

/* Names that a project adds to the secret ones, or exempts: entries in a list, bytes of a
 * name, and bytes of a list (each process keeps it for each project). */
#define LIMIT_SCRUB_NAMES 50U
#define LIMIT_SCRUB_NAME_BYTES 64U
#define LIMIT_SCRUB_LIST_BYTES 1000U

/* A project's list of inbound filters. */
#define LIMIT_FILTER_LIST_BYTES 1000U

/* Envelopes: one header (traces and lists of packages can be long), all headers, items
 * and session items in one, buckets of one sessions item, attachments; and the part kept
 * in memory, in events of the largest size. */
#define LIMIT_ENVELOPE_HEADER_BYTES (64 * LIMIT_KIB)
#define LIMIT_ENVELOPE_HEADERS_BYTES (1 * LIMIT_MIB)
#define LIMIT_ENVELOPE_ITEMS 1000U
#define LIMIT_ENVELOPE_SESSIONS 100U
#define LIMIT_SESSION_BUCKETS 100U
#define LIMIT_ENVELOPE_EVENTS_KEPT 4U

/* Check-ins of monitors: characters of a slug, bytes of a crontab and of the name of a
 * time zone; minutes of a margin and of a run, and counts of a threshold; monitors of a
 * project, environments of a monitor, and check-ins kept of each environment. */
#define LIMIT_SLUG_CHARS 128U
#define LIMIT_CRONTAB_BYTES 256U
#define LIMIT_ZONE_BYTES 64U
#define LIMIT_MARGIN_MINUTES 40320
#define LIMIT_RUNTIME_MINUTES 40320
#define LIMIT_THRESHOLD 720
#define LIMIT_MONITORS 1000
#define LIMIT_MONITOR_ENVIRONMENTS 50
#define LIMIT_CHECK_INS_KEPT 100

/* Bytes of a project's events and attachments per window, unless the project sets its
 * own: the default of the column (sql/). */
#define LIMIT_BYTES_PRESET ((int64_t)256 * 1024 * 1024)

/* Chunks of attachments (LIMIT_CHUNK_BYTES) stored with one event, and with an event that
 * has not arrived. */
#define LIMIT_CHUNKS_BESIDE 256
#define LIMIT_CHUNKS_ORPHAN 80

/* Fields of a crash report's form, not counting files.  Crashpad sends a few dozen. */
#define LIMIT_FORM_FIELDS 1000U

/* Attachment bytes in one row. */
#define LIMIT_CHUNK_BYTES (256 * LIMIT_KIB)

/* zstd window of a compressed body: bounds the decoder's memory. */
#define LIMIT_ZSTD_WINDOW_LOG 23

/* A query value that may be a key: no key is longer. */
#define LIMIT_QUERY_VALUE_BYTES 256U

/* Function name in a stack frame: nested C++ templates can be long. */
#define LIMIT_FUNCTION_BYTES (4 * LIMIT_KIB)

/* A line of source code used in grouping (sentry-protocol 8.3). */
#define LIMIT_CONTEXT_LINE_CHARS 120U

/* Loaded libraries examined for frames without names. */
#define LIMIT_IMAGES 2048U

/* Exceptions in a tree of exception groups; beyond that, all exceptions count in their
 * order. */
#define LIMIT_EXCEPTION_TREE 1024U

/* Variables replaced in one event's fingerprint and title; further ones stay as text. */
#define LIMIT_VARIABLES 100U

/* Grouping rules: rules in a file, bytes in a line, bytes in a pattern (matching costs
 * the text times that), and frames and exceptions that they examine. */
#define LIMIT_RULES 1000U
#define LIMIT_RULE_BYTES (4 * LIMIT_KIB)
#define LIMIT_GLOB_BYTES 256U
#define LIMIT_RULE_FRAMES 250U

#endif
