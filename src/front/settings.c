#include "front/settings.h"

#include "base/limits.h"

struct submit_settings
settings_submit(const struct conf *conf, bool one_shot, bool maintenance)
{
    return (struct submit_settings){
        .writer_socket = conf->writer_socket,
        .database = conf->database,
        .poison_dir = conf->poison_dir,
        .timeout_ms = conf->submit_timeout * 1000,
        .connect_timeout_ms = conf->connect_timeout * 1000,
        .statement_timeout_ms = conf->statement_timeout,
        .store_timeout_ms = conf->store_timeout,
        .one_shot = one_shot,
        .idle_maintenance = {.spool_dir = conf->spool_dir,
                             .interval_ms =
                                 maintenance ? conf->maintenance_interval * 1000 : 0,
                             .partitions_ahead = conf->partitions_ahead},
        .fallback = {
            .spool = {.dir = conf->spool_dir,
                      .max_files = conf->spool_max_files,
                      .max_bytes = conf->spool_max_bytes},
            .limits = {conf->rate_limit, conf->rate_window, LIMIT_BYTES_PRESET}}};
}
