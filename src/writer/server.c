#include "writer/server.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/signals.h"
#include "setup/inherited.h"
#include "setup/start.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/upkeep.h"
#include "writer/clients.h"
#include "writer/commit_queue.h"
#include "writer/replay.h"

#define BACKLOG 1024
#define SOCKET_MODE 0660
#define UPKEEP_MS ((int64_t)3600 * 1000)
#define UPKEEP_MORE_MS 50
#define UPKEEP_RETRY_MS ((int64_t)10 * 1000)
#define WRITER_REPLAY_MS 2000
#define KEYS_MS ((int64_t)60 * 1000)
#define KEYS_AT_MOST_MS 200

struct server {
    const struct conf *conf;
    struct db *db;
    struct clients *clients;
    struct fallback *fallback;
    struct commit_queue *group;
    struct writer_replay *replay;
    int signal_fd;
    struct peers peers;
    bool stopping;
    bool inherited; /* the listening socket, which outlives this process */
    int64_t upkeep_at_ms;
    int64_t keys_at_ms;    /* when the key file is written next */
    int64_t keys_since_ms; /* when it was written last */
};

static int
on_frame(void *context, struct client *from, const struct frame *f, struct error *e)
{
    struct server *s = context;

    return commit_queue_take(s->group, from, f, e);
}

/* Clients are read while PostgreSQL works, until enough is waiting. */
static void set_hook(struct server *s);

static void
serve_clients(struct server *s, int timeout_ms)
{
    if (clients_serve(s->clients, timeout_ms) && !s->stopping) {
        s->stopping = true;
        clients_stop(s->clients);
    }
    set_hook(s);
}

/* Once enough is waiting, clients are not read; submissions that wait too long are
 * answered nevertheless. */
static void
while_waiting(void *context)
{
    struct server *s = context;

    if (!s->stopping && !commit_queue_is_full(s->group))
        serve_clients(s, 0);
    commit_queue_relieve(s->group);
    set_hook(s);
}

static void
set_hook(struct server *s)
{
    struct db_idle idle = {
        .fd = s->stopping || commit_queue_is_full(s->group) ? -1 : clients_fd(s->clients),
        .serve = while_waiting,
        .context = s};

    db_set_idle(s->db, &idle);
}

/* Every hour; sooner when there is more to do or the database was away. */
static void
upkeep(struct server *s)
{
    struct error e;
    bool more = false;

    if (migrate_check(s->db, s->conf->sql_dir, &e) == 0 &&
        upkeep_step(s->db, s->conf->partitions_ahead, &more, &e) == 0) {
        s->upkeep_at_ms = clock_now_ms() + (more ? UPKEEP_MORE_MS : UPKEEP_MS);
        return;
    }
    log_error(LOG_LEVEL_ERROR,
              e.kind == ERROR_CONFIG ? LOG_SCHEMA_MISMATCH : LOG_DATABASE_LOST, &e, NULL,
              0);
    s->upkeep_at_ms = clock_now_ms() + UPKEEP_RETRY_MS;
}

/* Keys that are good now stay good when the database goes away. */
static void
renew_keys(struct server *s)
{
    int64_t now_ms = clock_now_ms();

    if (commit_queue_wants_keys(s->group) &&
        s->keys_at_ms > s->keys_since_ms + KEYS_AT_MOST_MS)
        s->keys_at_ms = s->keys_since_ms + KEYS_AT_MOST_MS;
    if (now_ms < s->keys_at_ms || commit_queue_is_down(s->group))
        return;
    fallback_renew_keys(s->fallback, s->db);
    s->keys_since_ms = now_ms;
    s->keys_at_ms = now_ms + KEYS_MS;
}

static int64_t
next_task_ms(const struct server *s)
{
    int64_t at_ms = writer_replay_at_ms(s->replay);

    if (!commit_queue_is_down(s->group)) {
        at_ms = s->upkeep_at_ms < at_ms ? s->upkeep_at_ms : at_ms;
        at_ms = s->keys_at_ms < at_ms ? s->keys_at_ms : at_ms;
    }
    return commit_queue_tally_at_ms(s->group) < at_ms ? commit_queue_tally_at_ms(s->group)
                                                      : at_ms;
}

static void
loop(struct server *s)
{
    while (!s->stopping) {
        int64_t wait_ms = next_task_ms(s) - clock_now_ms();

        if (commit_queue_has_work(s->group) || wait_ms < 0)
            wait_ms = 0;
        serve_clients(s, (int)wait_ms);
        if (commit_queue_has_work(s->group))
            commit_queue_run(s->group);
        else if (!commit_queue_is_down(s->group) && clock_now_ms() >= s->upkeep_at_ms)
            upkeep(s);
        if (clock_now_ms() >= commit_queue_tally_at_ms(s->group))
            commit_queue_tally(s->group);
        renew_keys(s);
        if (!s->stopping && clock_now_ms() >= writer_replay_at_ms(s->replay))
            writer_replay_step(s->replay);
    }
    while (commit_queue_has_work(s->group))
        commit_queue_run(s->group);
    if (commit_queue_tally_at_ms(s->group) != INT64_MAX)
        commit_queue_tally(s->group);
    clients_drain(s->clients, clock_now_ms() + WRITER_REPLAY_MS);
}

static int
open_socket(struct server *s, struct error *e)
{
    int fd;

    if (inherited_socket(start_environment, &fd, e) != 0)
        return -1;
    s->inherited = fd >= 0;
    return s->inherited ? fd
                        : io_unix_listen(s->conf->writer_socket, SOCKET_MODE, BACKLOG, e);
}

static int
set_up(struct server *s, struct error *e)
{
    static const int signals[] = {SIGTERM, SIGINT};
    struct db_settings db = {.conninfo = s->conf->database,
                             .connect_timeout_ms = s->conf->connect_timeout * 1000,
                             .statement_timeout_ms = s->conf->statement_timeout,
                             .prepare = true,
                             .batch = true};
    struct fallback_settings fallback = {
        .spool = {.dir = s->conf->spool_dir,
                  .max_files = s->conf->spool_max_files,
                  .max_bytes = s->conf->spool_max_bytes},
        .limits = {s->conf->rate_limit, s->conf->rate_window, LIMIT_BYTES_PRESET}};
    struct commit_queue_settings group = {.poison_dir = s->conf->poison_dir,
                                          .store_timeout_ms = s->conf->store_timeout,
                                          .max_events = (size_t)s->conf->batch_max_events,
                                          .max_bytes = (size_t)s->conf->batch_max_bytes,
                                          .ws_max_project =
                                              (size_t)s->conf->ws_max_project,
                                          .ws_max = (size_t)s->conf->ws_max};
    int fd;

    if (peer_parse(s->conf->writer_users, &s->peers, e) != 0)
        return error_prefix(e, "writer_users");
    if (libpq_load(e) != 0)
        return -1;
    s->db = db_new(&db);
    s->fallback = fallback_new(&fallback);
    group.db = s->db;
    group.fallback = s->fallback;
    s->group = s->db == NULL || s->fallback == NULL ? NULL : commit_queue_new(&group);
    s->replay =
        s->group == NULL ? NULL : writer_replay_new(s->db, s->group, s->conf->spool_dir);
    if (s->replay == NULL)
        return error_errno(e, "start");
    if (spool_is_configured(fallback_spool(s->fallback)) &&
        spool_prepare(fallback_spool(s->fallback), e) != 0) {
        e->kind = ERROR_CONFIG;
        return error_prefix(e, "spool_dir");
    }
    s->signal_fd = signals_open(signals, COUNT_OF(signals), e);
    if (s->signal_fd < 0)
        return -1;
    fd = open_socket(s, e);
    if (fd < 0)
        return -1;
    s->clients =
        clients_new(fd, s->signal_fd, (size_t)s->conf->writer_clients, on_frame, s, e);
    if (s->clients == NULL)
        return -1;
    clients_set_peers(s->clients, &s->peers);
    set_hook(s);
    return 0;
}

int
server_run(const struct conf *conf, const struct options *o, struct error *e)
{
    struct server s = {.conf = conf, .signal_fd = -1};
    int rc;

    if (conf->writer_socket[0] == '\0') {
        error_set(e, ERROR_CONFIG, "bad configuration");
        return error_detail(e, "writer_socket must be set for mesher-writer");
    }
    rc = set_up(&s, e);
    if (rc == 0) {
        upkeep(&s);
        log_write(LOG_LEVEL_INFO, LOG_STARTED, NULL, 0);
        options_say_ready(o);
        loop(&s);
        if (!s.inherited)
            (void)unlink(conf->writer_socket);
        log_write(LOG_LEVEL_INFO, LOG_STOPPED, NULL, 0);
    }
    clients_free(s.clients);
    writer_replay_free(s.replay);
    commit_queue_free(s.group);
    fallback_free(s.fallback);
    db_free(s.db);
    if (s.signal_fd >= 0)
        (void)close(s.signal_fd);
    return rc;
}
