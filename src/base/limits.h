/*
 * limits: every fixed limit of Mesher, with its reason.
 *
 * What an administrator may change is in the configuration (setup/conf.h); what stands
 * here is either part of a contract or protects the process.
 */
#ifndef MESHER_BASE_LIMITS_H
#define MESHER_BASE_LIMITS_H

#define LIMIT_KIB ((size_t)1024)
#define LIMIT_MIB (LIMIT_KIB * 1024)

/* One event, compressed and inflated: the native API's contract. */
#define LIMIT_EVENT_BYTES (1 * LIMIT_MIB)

/* Levels of nesting in JSON: recursion is not used, but a reader of the payload will. */
#define LIMIT_JSON_DEPTH 128U

/* Characters that are kept in columns (sentry-protocol section 6); the payload keeps all.
 * A longer text is cut to the limit minus 3 characters plus "...". */
#define LIMIT_MESSAGE_CHARS 8192U
#define LIMIT_TITLE_CHARS 256U
#define LIMIT_CULPRIT_CHARS 200U
#define LIMIT_TRANSACTION_CHARS 200U
#define LIMIT_RELEASE_CHARS 200U
#define LIMIT_ENVIRONMENT_CHARS 64U
#define LIMIT_SERVER_NAME_CHARS 256U
#define LIMIT_PLATFORM_CHARS 64U
#define LIMIT_USER_ID_CHARS 128U

/* Tags in the column: keys and values of at most 200 characters, so many of them. */
#define LIMIT_TAG_CHARS 200U
#define LIMIT_TAGS 256U

/* What is kept in the columns of an exception. */
#define LIMIT_TYPE_CHARS 256U
#define LIMIT_VALUE_CHARS 8192U

/* Notes on what was wrong with one event, and characters of a value in one. */
#define LIMIT_NOTES 32U
#define LIMIT_NOTE_CHARS 200U

/* Of an envelope: one header (traces and lists of packages can be long), all of them,
 * items in all and sessions among them, buckets of one sessions item, attachments; and
 * what is kept of it in memory, in events of the largest size. */
#define LIMIT_ENVELOPE_HEADER_BYTES (64 * LIMIT_KIB)
#define LIMIT_ENVELOPE_HEADERS_BYTES (1 * LIMIT_MIB)
#define LIMIT_ENVELOPE_ITEMS 1000U
#define LIMIT_ENVELOPE_SESSIONS 100U
#define LIMIT_SESSION_BUCKETS 100U
#define LIMIT_ENVELOPE_EVENTS_KEPT 4U

/* Bytes of an attachment in one row. */
#define LIMIT_CHUNK_BYTES (256 * LIMIT_KIB)

/* zstd window of a compressed body: memory of the decoder. */
#define LIMIT_ZSTD_WINDOW_LOG 23

/* A query value that may be a key: longer is nobody's. */
#define LIMIT_QUERY_VALUE_BYTES 256U

/* Of a function's name in a stack frame: templates of templates can be long. */
#define LIMIT_FUNCTION_BYTES (4 * LIMIT_KIB)

/* A line of source code that takes part in grouping (sentry-protocol 8.3). */
#define LIMIT_CONTEXT_LINE_CHARS 120U

/* Loaded libraries that are looked at for frames without names. */
#define LIMIT_IMAGES 2048U

/* Exceptions in a tree of exception groups; of more, all count in their order. */
#define LIMIT_EXCEPTION_TREE 1024U

/* Variables that are replaced in one event's fingerprint and title; more stay text. */
#define LIMIT_VARIABLES 100U

/* Grouping rules: lines of a file that are one, bytes in a line, bytes in a pattern
 * (matching costs the text times that), and frames and exceptions that they look at. */
#define LIMIT_RULES 1000U
#define LIMIT_RULE_BYTES (4 * LIMIT_KIB)
#define LIMIT_GLOB_BYTES 256U
#define LIMIT_RULE_FRAMES 250U

#endif
