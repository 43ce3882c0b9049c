/*
 * event_columns: the one list of an event's columns.  These follow from it: the fields of
 * a row (wire/row.h), the code that reads them (event/columns.c), the arrays and columns
 * of the statement that stores them (store/eventrows.c, store/sql/store.sql), and the
 * lists of `mesherctl event` (admin/events.c).  HACKING says how to add one.
 *
 * The order is that in which an event is shown.  A new column gets the next number, since
 * frames and spool files identify a field by its number; older rows end before it, so it
 * may be NULL. src/embed-sql reads the list too: each column must be one line.
 */
#ifndef MESHER_WIRE_EVENT_COLUMNS_H
#define MESHER_WIRE_EVENT_COLUMNS_H

/*
 * X(number of the field, NAME, column,
 *   kind:   UUID, TIME, BYTES, TEXT, OBJECT or LIST (both jsonb), PAYLOAD
 *   null:   NULLABLE or REQUIRED
 *   array:  KEY (an array that all steps of the statement read) or OWN
 *   limit:  in characters, for a text that is truncated; else 0
 *   reader: MEMBER (copied from the event's member MEMBER_NAME) or OTHER
 *   shown:  its name in lists, or HIDDEN)
 */
/* clang-format off */
#define EVENT_COLUMNS(X) \
    X(0, ID, id, UUID, REQUIRED, KEY, 0, OTHER, "id") \
    X(4, LEVEL, level, TEXT, REQUIRED, KEY, 0, OTHER, "level") \
    X(6, MESSAGE, message, TEXT, NULLABLE, OWN, LIMIT_MESSAGE_CHARS, OTHER, "message") \
    X(5, TITLE, title, TEXT, REQUIRED, OWN, LIMIT_TITLE_CHARS, OTHER, "title") \
    X(7, CULPRIT, culprit, TEXT, NULLABLE, OWN, LIMIT_CULPRIT_CHARS, MEMBER, "culprit") \
    X(11, TRANSACTION, transaction, TEXT, NULLABLE, OWN, LIMIT_TRANSACTION_CHARS, MEMBER, "transaction") \
    X(2, TIMESTAMP, timestamp, TIME, REQUIRED, OWN, 0, OTHER, "timestamp") \
    X(1, RECEIVED_AT, received_at, TIME, REQUIRED, KEY, 0, OTHER, "received_at") \
    X(8, ENVIRONMENT, environment, TEXT, NULLABLE, OWN, LIMIT_ENVIRONMENT_CHARS, MEMBER, "environment") \
    X(9, RELEASE, release, TEXT, NULLABLE, KEY, LIMIT_RELEASE_CHARS, MEMBER, "release") \
    X(10, PLATFORM, platform, TEXT, NULLABLE, OWN, LIMIT_PLATFORM_CHARS, MEMBER, "platform") \
    X(12, SERVER_NAME, server_name, TEXT, NULLABLE, OWN, LIMIT_SERVER_NAME_CHARS, MEMBER, "server_name") \
    X(13, USER_ID, user_id, TEXT, NULLABLE, OWN, LIMIT_USER_ID_CHARS, OTHER, "user") \
    X(14, TAGS, tags, OBJECT, NULLABLE, OWN, 0, OTHER, "tags") \
    X(16, TYPE, type, TEXT, NULLABLE, OWN, LIMIT_TYPE_CHARS, OTHER, "type") \
    X(17, VALUE, value, TEXT, NULLABLE, OWN, LIMIT_VALUE_CHARS, OTHER, "value") \
    X(18, ERRORS, errors, LIST, NULLABLE, OWN, 0, OTHER, "errors") \
    X(15, PAYLOAD, payload, PAYLOAD, REQUIRED, OWN, 0, OTHER, HIDDEN) \
    X(3, FINGERPRINT, fingerprint, BYTES, REQUIRED, KEY, 0, OTHER, HIDDEN)
/* clang-format on */

#endif
