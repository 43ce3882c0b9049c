#include "ws/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/budget.h"
#include "base/clock.h"
#include "base/crash.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/log.h"
#include "ingest/access.h"
#include "ingest/answer.h"
#include "json/splitter.h"
#include "submit/writer_stream.h"
#include "ws/message.h"
#include "ws/slots.h"

#define ARENA_FIRST_BYTES (32 * LIMIT_KIB)
#define ARENA_MAX_BYTES (16 * LIMIT_MIB)

/* Answers that the client does not read.  They must not stop us from reading: websocketd
 * moves bytes in both directions in one loop, and would never read them while it waits
 * for us.  When the client reads nothing, that same loop waits there and delivers nothing
 * new, so there are never many. */
#define OUT_MAX_BYTES (64 * LIMIT_MIB)

struct connection {
    struct connection_settings settings;
    struct access *access;
    struct arena *arena;
    struct pack *pack;
    struct writer_stream stream;
    struct splitter splitter;
    struct buf out;
    struct message *first, **end; /* in the order of arrival */
    size_t messages, bytes;       /* under way or unanswered */
    int64_t project;
    int64_t last_byte_ms;
    int64_t silent_until_ms; /* the writer hangs: do not ask it before then */
    int slot[2];             /* descriptors of its slots, without a writer */
    bool ended;              /* no more input */
    bool expelled;           /* the key is no longer good */
};

static int
take_slots(struct connection *s, struct error *e)
{
    char name[32];

    (void)snprintf(name, sizeof name, "project-%lld", (long long)s->project);
    s->slot[0] = slots_take(s->settings.slot_dir, "all", s->settings.max_all, e);
    if (s->slot[0] >= 0)
        s->slot[1] = slots_take(s->settings.slot_dir, name, s->settings.max_project, e);
    if (s->slot[0] >= 0 && s->slot[1] >= 0)
        return 0;
    if (s->slot[0] == -2 || s->slot[1] == -2)
        return -1;
    error_set(e, ERROR_LIMITED, "too many connections%s",
              s->slot[0] < 0 ? "" : " for this project");
    e->retry_after_s = 1;
    return -1;
}

static int
count_connection(struct connection *s, struct error *e)
{
    enum frame_attached attached;

    if (writer_stream_open(&s->stream, s->project, false, s->settings.timeout_ms,
                           &attached, e) != 0)
        return take_slots(s, e);
    if (attached == FRAME_ATTACHED_OK)
        return 0;
    error_set(e, ERROR_LIMITED, "too many connections%s",
              attached == FRAME_ATTACHED_ALL_FULL ? "" : " for this project");
    e->retry_after_s = 1;
    return -1;
}

struct connection *
connection_new(const struct connection_settings *settings, struct error *e)
{
    struct connection *s = calloc(1, sizeof *s);

    if (s == NULL) {
        (void)error_errno(e, "connection");
        return NULL;
    }
    s->settings = *settings;
    s->slot[0] = s->slot[1] = -1;
    s->end = &s->first;
    s->out = buf_init(OUT_MAX_BYTES);
    splitter_init(&s->splitter, LIMIT_EVENT_BYTES);
    writer_stream_init(&s->stream, settings->writer_socket);
    s->access = access_new(settings->submit);
    s->arena = arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
    s->pack = pack_new(settings->compression_level);
    if (s->access == NULL || s->arena == NULL || s->pack == NULL) {
        (void)error_set(e, ERROR_SYSTEM, "out of memory");
    } else if (access_project(s->access, &settings->key, &s->project, e) == 0 &&
               count_connection(s, e) == 0) {
        submit_disconnect(settings->submit);
        return s;
    }
    connection_free(s);
    return NULL;
}

void
connection_free(struct connection *s)
{
    if (s == NULL)
        return;
    while (s->first != NULL) {
        struct message *m = s->first;

        s->first = m->next;
        message_free(m);
    }
    for (size_t i = 0; i < COUNT_OF(s->slot); i++)
        if (s->slot[i] >= 0)
            (void)close(s->slot[i]);
    writer_stream_release(&s->stream);
    splitter_release(&s->splitter);
    buf_release(&s->out);
    access_free(s->access);
    arena_free(s->arena);
    pack_free(s->pack);
    free(s);
}

void
connection_refusal(const struct error *e, struct buf *out)
{
    buf_add_char(out, '{');
    answer_error_members(out, e);
    jsonout_number(out, "status", answer_status(e->kind));
    buf_add_text(out, "}\n");
}

bool
connection_wants_input(const struct connection *s)
{
    return !s->ended && !s->expelled && s->messages < s->settings.window_messages &&
           s->bytes < s->settings.window_bytes;
}

struct buf *
connection_out(struct connection *s)
{
    return &s->out;
}

/* Its verdicts have arrived: counts them and its errors. */
static void
settle(struct connection *s, struct message *m, const struct verdict *v)
{
    submit_count_verdicts(s->settings.submit, s->project, &m->frame, v, m->count);
    if (m->error.kind != ERROR_NONE && v->status != VERDICT_LIMITED)
        submit_count_error(s->settings.submit, s->project, &m->error);
    message_settle(m, v);
    if (m->error.kind == ERROR_NONE && m->is_bulk)
        bulk_count(&m->bulk, s->settings.submit, s->project);
}

/* Without a writer: runs it here, and waits.  If the writer hangs, neither it nor the
 * database, a possible cause, is asked. */
static void
run_directly(struct connection *s, struct message *m)
{
    struct verdict *v = calloc(m->count, sizeof *v);
    int64_t asked_ms = clock_now_ms();
    bool hangs = asked_ms < s->silent_until_ms;
    struct error e;

    if (v == NULL) {
        (void)error_no_memory(&e);
        message_fail(m, &e);
    } else if ((hangs
                    ? submit_spool(s->settings.submit, &m->frame, v, m->count, &e)
                    : submit_run(s->settings.submit, &m->frame, v, m->count, &e)) != 0) {
        log_error(LOG_LEVEL_ERROR, LOG_REQUEST_FAILED, &e, "project", s->project);
        message_fail(m, &e);
    } else {
        access_learn(s->access, s->project, asked_ms, v, m->count);
        settle(s, m, v);
    }
    free(v);
}

/* Returns whether there is, or can be, a connection. */
static bool
has_link(struct connection *s)
{
    int64_t began_ms = clock_now_ms();
    enum frame_attached ignored;
    struct error e;

    if (s->stream.fd >= 0)
        return true;
    if (began_ms < s->silent_until_ms)
        return false;
    if (writer_stream_open(&s->stream, s->project, true, s->settings.timeout_ms, &ignored,
                           &e) == 0)
        return true;
    if (clock_now_ms() - began_ms >= s->settings.timeout_ms)
        s->silent_until_ms = clock_now_ms() + SUBMIT_SILENCE_MS;
    return false;
}

/* Sends everything that was under way again, in order; a frame that was sent may have
 * been committed. */
static void
send_again(struct connection *s)
{
    log_write(LOG_LEVEL_WARNING, LOG_WRITER_LOST, NULL, 0);
    for (struct message *m = s->first; m != NULL; m = m->next) {
        if (m->answered)
            continue;
        frame_mark_again(&m->frame);
        if (has_link(s))
            m->tag = writer_stream_send(&s->stream, &m->frame);
        else
            run_directly(s, m);
    }
}

/* Queues a message and sends it. */
static void
take(struct connection *s, struct message *m)
{
    struct error e;

    if (m == NULL) { /* no answer is possible; an unanswered message is not accepted */
        log_write(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, NULL, 0);
        s->expelled = true;
        return;
    }
    *s->end = m;
    s->end = &m->next;
    s->messages++;
    s->bytes += m->weight;
    m->asked_ms = clock_now_ms();
    if (m->answered)
        return;
    if (access_limit(s->access, s->project, &e) != 0) {
        submit_count(s->settings.submit, s->project, OUTCOME_RATE_LIMITED,
                     (int64_t)m->count);
        message_fail(m, &e);
    } else if (has_link(s)) {
        m->tag = writer_stream_send(&s->stream, &m->frame);
    } else {
        run_directly(s, m);
    }
}

/* A revoked key, or one that cannot be checked, is reported in the answer to the next
 * message. */
static struct message *
check_key(struct connection *s)
{
    struct message *m;
    struct error e;
    int64_t project = s->project;

    if (access_project(s->access, &s->settings.key, &project, &e) == 0)
        return NULL;
    m = message_bad(s->project, &e);
    s->expelled = e.kind == ERROR_UNAUTHORIZED;
    return m;
}

/* Turns everything complete that has been read into messages, as far as the window
 * allows.  Returns true when nothing complete is left. */
static bool
read_messages(struct connection *s)
{
    while (!s->expelled && s->messages < s->settings.window_messages &&
           s->bytes < s->settings.window_bytes) {
        struct prepare p = {.arena = s->arena,
                            .pack = s->pack,
                            .project = s->project,
                            .now_us = clock_wall_us(),
                            .grouping = {.rules = s->settings.rules}};
        struct str text;
        struct error e;
        struct message *m;

        switch (splitter_next(&s->splitter, &text, &e)) {
        case SPLITTER_MORE:
            return true;
        case SPLITTER_BAD:
            m = check_key(s);
            take(s, m != NULL ? m : message_bad(s->project, &e));
            break;
        case SPLITTER_MESSAGE:
            CRASH_POINT("ws-message");
            budget_begin(s->settings.request_cpu_ms);
            m = check_key(s);
            prepare_settings(&p, s->access);
            if (m == NULL && access_scrub(s->access, s->project, &p.scrub, &e) != 0)
                m = message_bad(s->project, &e);
            take(s, m != NULL ? m : message_new(&p, text, s->settings.bulk_max_events));
            arena_reset(s->arena);
        }
    }
    return false;
}

void
connection_feed(struct connection *s, const char *p, size_t n)
{
    if (splitter_add(&s->splitter, p, n) != 0) {
        log_write(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, NULL, 0);
        s->expelled = true;
        return;
    }
    (void)read_messages(s);
    s->last_byte_ms = clock_now_ms(); /* the work above is not the client's silence */
}

void
connection_end(struct connection *s)
{
    s->ended = true;
}

static void
on_frame(void *context, const struct frame *f)
{
    struct connection *s = context;
    struct message *m = s->first;
    struct verdict *v;
    struct error e;

    while (m != NULL && (m->answered || m->tag != f->tag))
        m = m->next;
    if (m == NULL || f->type != FRAME_VERDICTS)
        return;
    v = calloc(m->count, sizeof *v);
    if (v != NULL && frame_parse_verdicts(f->body, v, m->count, &e) == 0) {
        access_learn(s->access, s->project, m->asked_ms, v, m->count);
        settle(s, m, v);
    } else {
        (void)error_set(&e, ERROR_UNAVAILABLE, "writer unavailable");
        message_fail(m, &e);
    }
    free(v);
}

/* Answers go out in the order of the messages. */
static void
flush_answers(struct connection *s)
{
    while (s->first != NULL && s->first->answered) {
        struct message *m = s->first;

        buf_add_str(&s->out, buf_str(&m->line));
        s->first = m->next;
        if (s->first == NULL)
            s->end = &s->first;
        s->messages--;
        s->bytes -= m->weight;
        message_free(m);
    }
    if (s->out.failed)
        s->expelled = true;
}

/* A writer that does not answer: submissions waiting for it are not known to be stored,
 * and go to the spool. */
static void
notice_timeout(struct connection *s)
{
    int64_t now_ms = clock_now_ms();

    if (s->first == NULL || s->first->answered ||
        now_ms - s->first->asked_ms < s->settings.timeout_ms)
        return;
    writer_stream_close(&s->stream);
    s->silent_until_ms = now_ms + SUBMIT_SILENCE_MS;
    for (struct message *m = s->first; m != NULL; m = m->next)
        if (!m->answered)
            run_directly(s, m);
}

/* Whether the rest of a message is overdue.  To be asked before any other work: what
 * arrives during that has not been read. */
static bool
is_silent(const struct connection *s)
{
    return s->ended || (connection_wants_input(s) &&
                        clock_now_ms() - s->last_byte_ms >= CONNECTION_SILENCE_MS);
}

/* Reads what the window has room for now.  After silence, a message that is not complete
 * counts as truncated; text after its start may be complete. */
static void
read_rest(struct connection *s, bool silent)
{
    struct error e;

    while (read_messages(s) && silent && splitter_is_open(&s->splitter)) {
        splitter_give_up(&s->splitter, &e);
        s->last_byte_ms = clock_now_ms();
        take(s, message_bad(s->project, &e));
    }
}

int
connection_fd(const struct connection *s, short *events, int64_t *wait_ms)
{
    int64_t now_ms = clock_now_ms(), until = INT64_MAX;

    if (splitter_is_open(&s->splitter) && connection_wants_input(s))
        until = s->last_byte_ms + CONNECTION_SILENCE_MS;
    if (s->first != NULL && s->first->asked_ms + s->settings.timeout_ms < until)
        until = s->first->asked_ms + s->settings.timeout_ms;
    *wait_ms = until == INT64_MAX ? -1 : until <= now_ms ? 0 : until - now_ms;
    *events = writer_stream_events(&s->stream);
    return s->stream.fd;
}

void
connection_serve(struct connection *s)
{
    bool silent = is_silent(s);

    if (s->stream.fd >= 0 && writer_stream_serve(&s->stream, on_frame, s) != 0)
        send_again(s);
    notice_timeout(s);
    flush_answers(s);
    read_rest(s, silent);
    flush_answers(s);
}

bool
connection_is_done(const struct connection *s)
{
    if (s->first != NULL)
        return false;
    return s->expelled || (s->ended && !splitter_is_open(&s->splitter));
}
