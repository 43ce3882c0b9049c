#include "ws/message.h"

#include <stdlib.h>

#include "base/jsonout.h"
#include "base/limits.h"
#include "base/log.h"
#include "event/event.h"
#include "ingest/access.h"
#include "ingest/answer.h"
#include "json/bulk.h"

#define LINE_MAX_BYTES (4 * LIMIT_MIB)

static struct message *
blank(void)
{
    struct message *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    m->frame = buf_init(FRAME_MAX_BYTES);
    m->line = buf_init(LINE_MAX_BYTES);
    return m;
}

void
message_free(struct message *m)
{
    if (m == NULL)
        return;
    free(m->bulk.items);
    free(m->bulk.verdicts);
    buf_release(&m->frame);
    buf_release(&m->line);
    free(m);
}

static void
add_sent_id(struct message *m)
{
    char text[IDS_TEXT_BYTES];

    if (!m->by_client)
        return;
    ids_format(&m->id, text);
    jsonout_text(&m->line, "event_id", str_of(text));
}

static void
end_line(struct message *m)
{
    buf_add_text(&m->line, "}\n");
    m->answered = true;
    buf_release(&m->frame);
}

void
message_fail(struct message *m, const struct error *e)
{
    buf_clear(&m->line, SIZE_MAX);
    buf_add_char(&m->line, '{');
    answer_error_members(&m->line, e);
    jsonout_number(&m->line, "status", answer_status(e->kind));
    add_sent_id(m);
    end_line(m);
}

/* The answer of the bulk endpoint, with the status that HTTP has in its first line. */
static void
settle_bulk(struct message *m, const struct verdict *v)
{
    struct answer a = {.body = m->line};
    struct error e = {.kind = ERROR_NONE};

    for (size_t i = 0; i < m->bulk.count; i++)
        m->bulk.verdicts[i] = v[i];
    bulk_answer(&m->bulk, &a, &e);
    m->line = a.body;
    if (!m->line.failed)
        m->line.n--; /* the closing brace */
    if (a.status != 202)
        jsonout_number(&m->line, "status", a.status);
    end_line(m);
}

void
message_settle(struct message *m, const struct verdict *v)
{
    struct error e;
    char text[IDS_TEXT_BYTES];

    if (m->error.kind == ERROR_NONE && m->is_bulk) {
        settle_bulk(m, v);
    } else if (m->error.kind != ERROR_NONE) { /* a charge */
        if (access_verdict_error(v, &e) != 0 && e.kind == ERROR_LIMITED)
            m->error = e;
        message_fail(m, &m->error);
    } else if (access_verdict_error(v, &e) != 0) {
        message_fail(m, &e);
    } else {
        ids_format(&m->id, text);
        buf_add_char(&m->line, '{');
        jsonout_text(&m->line, "status", STR("accepted"));
        jsonout_text(&m->line, "id", str_of(text));
        add_sent_id(m);
        end_line(m);
    }
}

/* It remains an error; over the limit, the answer is that error. */
static void
make_charge(struct message *m, int64_t project, const struct error *e)
{
    m->error = *e;
    m->count = 1;
    if (e->kind == ERROR_COSTLY)
        log_error(LOG_LEVEL_WARNING, LOG_REQUEST_REFUSED, e, "project", project);
    if (prepare_is_charged(e))
        prepare_charge(project, &m->frame);
    if (!prepare_is_charged(e) || m->frame.failed)
        message_fail(m, e);
}

struct message *
message_bad(int64_t project, const struct error *e)
{
    struct message *m = blank();

    if (m != NULL)
        make_charge(m, project, e);
    return m;
}

static int
take_many(struct message *m, const struct prepare *p, struct str text, size_t max,
          struct error *e)
{
    struct str *texts;
    size_t count;

    if (bulk_array(p->arena, text, max, &texts, &count, e) != 0)
        return -1;
    m->bulk = (struct bulk){.items = calloc(count, sizeof m->bulk.items[0]),
                            .verdicts = calloc(count, sizeof m->bulk.verdicts[0]),
                            .count = count};
    if (m->bulk.items == NULL || m->bulk.verdicts == NULL)
        return error_no_memory(e);
    m->is_bulk = true;
    m->count = count;
    return prepare_bulk(p, texts, count, &m->frame, m->bulk.items, e);
}

static int
take_one(struct message *m, const struct prepare *p, struct str text, struct error *e)
{
    struct prepare_id id;
    int rc = prepare_event(p, text, &m->frame, &id, e);

    m->count = 1;
    if (rc == 0) {
        m->id = id.id;
        m->by_client = id.by_client;
    } else {
        m->by_client = event_find_id(p->arena, text, &m->id);
    }
    return rc;
}

static bool
is_array(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\r' &&
            text.p[i] != '\n')
            return text.p[i] == '[';
    return false;
}

struct message *
message_new(const struct prepare *p, struct str text, size_t bulk_max_events)
{
    struct message *m = blank();
    struct error e;
    int rc;

    if (m == NULL)
        return NULL;
    rc = is_array(text) ? take_many(m, p, text, bulk_max_events, &e)
                        : take_one(m, p, text, &e);
    if (rc != 0)
        make_charge(m, p->project, &e);
    m->weight = m->frame.n;
    return m;
}
