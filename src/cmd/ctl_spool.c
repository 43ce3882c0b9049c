/* mesherctl spool, and the state of the spool for other commands. */
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "cmd/ctl.h"
#include "outage/fallback.h"
#include "outage/restore.h"
#include "spool/replay.h"

#define FILE_MAX_BYTES (3 * FRAME_MAX_BYTES)

/* While a writer replays, flush waits for it: at most this long without progress. */
#define STALLED_MS 10000
#define LOOK_MS 50

/* Files created by root in the spool would lock its owner out, so root becomes the owner:
 * of the spool or, if it does not exist yet, of its parent directory. */
static int
become_owner(const char *dir, struct error *e)
{
    char above[PATH_MAX] = ".";
    const char *slash = strrchr(dir, '/');
    const struct passwd *owner;
    struct stat st;

    if (slash != NULL && (size_t)(slash - dir) < sizeof above)
        (void)memcpy(above, dir, (size_t)(slash - dir));
    if (geteuid() != 0 || (stat(dir, &st) != 0 && stat(above, &st) != 0) ||
        st.st_uid == 0)
        return 0;
    /* In this order: root's groups cannot be dropped after root itself. */
    owner = getpwuid(st.st_uid);
    if ((owner != NULL ? initgroups(owner->pw_name, st.st_gid)
                       : setgroups(1, &st.st_gid)) != 0 ||
        setgid(st.st_gid) != 0 || setuid(st.st_uid) != 0)
        return error_errno(e, "becoming the owner of the spool");
    return 0;
}

/* Returns the parts as an object to be freed with fallback_free(), or NULL. */
static struct fallback *
open_spool(const struct ctl *c, struct error *e)
{
    struct fallback_settings settings = {
        .spool = {.dir = c->conf->spool_dir,
                  .max_files = c->conf->spool_max_files,
                  .max_bytes = c->conf->spool_max_bytes},
        .limits = {c->conf->rate_limit, c->conf->rate_window, LIMIT_BYTES_PRESET}};
    struct fallback *f;

    if (settings.spool.dir[0] == '\0') {
        (void)error_set(e, ERROR_UNAVAILABLE, "there is no spool: spool_dir is empty");
        return NULL;
    }
    if (become_owner(settings.spool.dir, e) != 0)
        return NULL;
    f = fallback_new(&settings);
    if (f == NULL)
        (void)error_set(e, ERROR_SYSTEM, "out of memory");
    else if (spool_prepare(fallback_spool(f), e) != 0) {
        fallback_free(f);
        f = NULL;
    }
    return f;
}

/* One file, for people or as an object.  Skips a file that has disappeared meanwhile. */
static void
list_file(struct ctl *c, struct spool *s, enum spool_part part, const char *name,
          struct buf *bytes)
{
    char at[CLOCK_TEXT_BYTES];
    struct spool_file file = {.events = 0};
    struct error why = {.kind = ERROR_NONE};
    bool good = spool_read(s, part, name, bytes, &file, &why) == 0;

    if (!good && why.kind != ERROR_MALFORMED)
        return;
    clock_format(file.at_us, at);
    if (!c->json) {
        buf_add_f(&c->out, "%s  %s  %-27s %7u events %10zu bytes%s%s\n", name,
                  part == SPOOL_NEW ? "new" : "bad", good ? at : "-",
                  (unsigned)file.events, bytes->n, good ? "" : "  ",
                  good ? "" : why.text);
        return;
    }
    if (c->out.data[c->out.n - 1] == '}')
        buf_add_text(&c->out, ",\n ");
    buf_add_char(&c->out, '{');
    jsonout_text(&c->out, "name", str_of(name));
    jsonout_text(&c->out, "state", str_of(part == SPOOL_NEW ? "new" : "bad"));
    jsonout_text(&c->out, "submitted_at", good ? str_of(at) : STR_NONE);
    jsonout_number(&c->out, "events", file.events);
    jsonout_number(&c->out, "bytes", (int64_t)bytes->n);
    jsonout_text(&c->out, "error", good ? STR_NONE : str_of(why.text));
    buf_add_char(&c->out, '}');
}

int
ctl_spool_list(struct ctl *c, struct error *e)
{
    struct fallback *f = open_spool(c, e);
    struct buf bytes = buf_init(FILE_MAX_BYTES);
    int rc = 0;

    if (f == NULL)
        return -1;
    if (c->json)
        buf_add_char(&c->out, '[');
    for (int part = SPOOL_NEW; part <= SPOOL_BAD && rc == 0; part++) {
        struct folder_list list;

        rc = spool_list(fallback_spool(f), (enum spool_part)part, &list, e);
        for (size_t i = 0; rc == 0 && i < list.count; i++)
            list_file(c, fallback_spool(f), (enum spool_part)part, list.names[i], &bytes);
        if (rc == 0)
            folder_list_free(&list);
    }
    if (c->json)
        buf_add_text(&c->out, "]\n");
    buf_release(&bytes);
    fallback_free(f);
    return rc;
}

/* An event, or a record: then with its kind instead of a title. */
static void
show_item(struct ctl *c, int64_t project, const struct frame_item *item, bool first)
{
    static const char *const kinds[RECORD_KINDS_END] = {
        [RECORD_ATTACHMENT] = "attachment",
        [RECORD_USER_REPORT] = "user report",
        [RECORD_SESSION] = "session",
        [RECORD_CLIENT_REPORT] = "client report",
        [RECORD_COUNTED] = "count"};
    bool is_event = item->kind == FRAME_ITEM_ROW;
    char id[IDS_TEXT_BYTES] = "-", at[CLOCK_TEXT_BYTES] = "-";
    struct str level = STR_NONE, title = STR_NONE;

    if (is_event) {
        struct uuid uuid = row_id(&item->row);

        ids_format(&uuid, id);
        clock_format(row_received_at_us(&item->row), at);
        level = row_value(&item->row, ROW_LEVEL);
        title = row_value(&item->row, ROW_TITLE);
    }
    if (!c->json) {
        buf_add_f(&c->out, "%lld  %s  %s  ", (long long)project, id, at);
        ctl_clean(&c->out, is_event ? level : STR("-"));
        buf_add_text(&c->out, "  ");
        ctl_clean(&c->out, is_event ? title : str_of(kinds[item->record.kind]));
        buf_add_char(&c->out, '\n');
        return;
    }
    buf_add_text(&c->out, first ? "" : ",\n ");
    buf_add_char(&c->out, '{');
    jsonout_number(&c->out, "project", project);
    jsonout_text(&c->out, "kind",
                 is_event ? STR("event") : str_of(kinds[item->record.kind]));
    jsonout_text(&c->out, "id", is_event ? str_of(id) : STR_NONE);
    jsonout_text(&c->out, "received_at", is_event ? str_of(at) : STR_NONE);
    jsonout_text(&c->out, "level", level);
    jsonout_text(&c->out, "title", title);
    buf_add_char(&c->out, '}');
}

static int
show_frames(struct ctl *c, struct str frames, struct error *e)
{
    bool first = true;

    while (frames.n > 0) {
        struct frame_submission s;
        struct frame f;
        ptrdiff_t n = frame_parse(frames, &f, e);

        if (n <= 0 || frame_parse_submission(f.body, &s, e) != 0)
            return error_set(e, ERROR_UNAVAILABLE, "damaged: truncated frame");
        for (size_t i = 0; i < s.count; i++) {
            struct frame_item item;

            if (frame_next_item(&s, &item, e) != 0)
                return error_set(e, ERROR_UNAVAILABLE, "damaged: truncated event");
            show_item(c, s.project, &item, first);
            first = false;
        }
        frames = (struct str){frames.p + n, frames.n - (size_t)n};
    }
    return 0;
}

int
ctl_spool_show(struct ctl *c, struct error *e)
{
    struct fallback *f = open_spool(c, e);
    struct buf bytes = buf_init(FILE_MAX_BYTES);
    struct spool_file file;
    int rc;

    if (f == NULL)
        return -1;
    rc = spool_read(fallback_spool(f), SPOOL_NEW, c->word[0], &bytes, &file, e);
    if (rc != 0 && e->kind == ERROR_NOT_FOUND)
        rc = spool_read(fallback_spool(f), SPOOL_BAD, c->word[0], &bytes, &file, e);
    if (rc != 0 && e->kind == ERROR_MALFORMED)
        e->kind = ERROR_UNAVAILABLE; /* the file is damaged, the command is right */
    if (rc == 0) {
        buf_add_text(&c->out, c->json ? "[" : "");
        rc = show_frames(c, file.frames, e);
        buf_add_text(&c->out, c->json ? "]\n" : "");
    }
    buf_release(&bytes);
    fallback_free(f);
    return rc;
}

/* Returns the number of files in new/; -1 on failure. */
static int64_t
files_left(struct spool *s, struct error *e)
{
    struct folder_list list;
    int64_t count;

    if (spool_list(s, SPOOL_NEW, &list, e) != 0)
        return -1;
    count = (int64_t)list.count;
    folder_list_free(&list);
    return count;
}

/* Another process replays: waits until it is done, or makes no more progress. */
static int
wait_for_drain(struct spool *s, int64_t *left, struct error *e)
{
    int64_t since_ms = clock_now_ms(), before = INT64_MAX;

    while ((*left = files_left(s, e)) > 0) {
        if (*left < before)
            since_ms = clock_now_ms();
        before = *left;
        if (clock_now_ms() - since_ms > STALLED_MS)
            return error_set(
                e, ERROR_UNAVAILABLE,
                "the writer replays the spool but makes no progress: %lld files",
                (long long)*left);
        (void)!io_wait(-1, 0, LOOK_MS);
    }
    return *left < 0 ? -1 : 0;
}

static int
replay_all(struct replay *r, int64_t *events, struct error *e)
{
    enum replay_result result = REPLAY_STORED;
    size_t n;

    *e = (struct error){.kind = ERROR_NONE};
    while (result == REPLAY_STORED) {
        result = replay_step(r, clock_wall_us(), &n, e);
        *events += result == REPLAY_STORED ? (int64_t)n : 0;
    }
    if (result == REPLAY_EMPTY)
        return 0;
    if (e->kind == ERROR_NONE)
        return error_set(e, ERROR_UNAVAILABLE, "an event cannot be set aside");
    return -1;
}

int
ctl_drain(struct ctl *c, int64_t *events, int64_t *left, struct error *e)
{
    struct fallback *f = open_spool(c, e);
    bool shares = f != NULL && fallback_share(f, false, e) == 0;
    struct batch *batch =
        f == NULL ? NULL : batch_new(c->db, fallback_windows(f), c->conf->poison_dir);
    struct replay *r = batch == NULL ? NULL : restore_new(fallback_spool(f), batch);
    int rc = -1;

    *events = *left = 0;
    if (f != NULL && r == NULL)
        (void)error_set(e, ERROR_SYSTEM, "out of memory");
    else if (r != NULL && replay_lock(r, c->conf->spool_dir))
        rc = shares && (fallback_settle(f, batch, clock_now_ms() + STALLED_MS, e) != 0 ||
                        fallback_tell(f, c->db, e) != 0)
                 ? -1
                 : replay_all(r, events, e);
    else if (r != NULL)
        rc = wait_for_drain(fallback_spool(f), left, e);
    replay_free(r);
    batch_free(batch);
    fallback_free(f);
    return rc;
}

int
ctl_spool_flush(struct ctl *c, struct error *e)
{
    int64_t events, left;

    if (ctl_drain(c, &events, &left, e) != 0)
        return -1;
    if (c->json)
        buf_add_f(&c->out, "{\"events\":%lld,\"left\":%lld}\n", (long long)events,
                  (long long)left);
    else
        buf_add_f(&c->out, "%lld events, the spool is empty\n", (long long)events);
    return 0;
}

int
ctl_spool_retry(struct ctl *c, struct error *e)
{
    struct fallback *f = open_spool(c, e);
    struct folder_list list = {.count = 0};
    int64_t moved = 0;
    int rc;

    if (f == NULL)
        return -1;
    if (strcmp(c->word[0], "all") != 0) {
        rc = spool_retry(fallback_spool(f), c->word[0], e);
        moved = rc == 0;
    } else {
        rc = spool_list(fallback_spool(f), SPOOL_BAD, &list, e);
        for (size_t i = 0; rc == 0 && i < list.count; i++) {
            rc = spool_retry(fallback_spool(f), list.names[i], e);
            moved += rc == 0;
        }
        folder_list_free(&list);
    }
    if (rc == 0)
        buf_add_f(&c->out, c->json ? "{\"moved\":%lld}\n" : "%lld moved\n",
                  (long long)moved);
    fallback_free(f);
    return rc;
}

/* Returns the age of the oldest file in seconds, or -1 without one. */
static int64_t
oldest_s(const struct folder_list *list)
{
    int64_t at_us;

    if (list->count == 0)
        return -1;
    at_us = (int64_t)strtoull(list->names[0], NULL, 16); /* a name begins with its time */
    at_us = clock_wall_us() - at_us;
    return at_us < 0 ? 0 : at_us / 1000000;
}

void
ctl_spool_status(struct ctl *c)
{
    struct folder_list fresh = {.count = 0}, bad = {.count = 0};
    struct quota_usage usage = {0, 0};
    struct error e = {.kind = ERROR_NONE};
    struct fallback *f = open_spool(c, &e);
    const char *state = c->conf->spool_dir[0] == '\0' ? "none" : "unreadable";

    if (f != NULL && spool_usage(fallback_spool(f), &usage, &e) == 0 &&
        spool_list(fallback_spool(f), SPOOL_NEW, &fresh, &e) == 0 &&
        spool_list(fallback_spool(f), SPOOL_BAD, &bad, &e) == 0)
        state = spool_has_room(fallback_spool(f)) ? "ok" : "full";
    if (c->json) {
        buf_add_char(&c->out, '{');
        jsonout_text(&c->out, "state", str_of(state));
        jsonout_number(&c->out, "files", (int64_t)fresh.count);
        jsonout_number(&c->out, "bytes", usage.bytes);
        jsonout_number(&c->out, "bad", (int64_t)bad.count);
        if (fresh.count == 0)
            jsonout_raw(&c->out, "oldest_s", STR("null"));
        else
            jsonout_number(&c->out, "oldest_s", oldest_s(&fresh));
        buf_add_char(&c->out, '}');
    } else {
        buf_add_f(&c->out, "%s, %zu files, %lld bytes, %zu bad", state, fresh.count,
                  (long long)usage.bytes, bad.count);
        if (fresh.count > 0)
            buf_add_f(&c->out, ", the oldest is %lld s old", (long long)oldest_s(&fresh));
        buf_add_char(&c->out, '\n');
    }
    folder_list_free(&fresh);
    folder_list_free(&bad);
    fallback_free(f);
}

void
ctl_renew_keys(struct ctl *c)
{
    struct error ignored;
    struct fallback *f = open_spool(c, &ignored);

    if (f != NULL)
        fallback_renew_keys(f, c->db);
    fallback_free(f);
}
