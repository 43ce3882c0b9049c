#include "setup/start.h"

#include <malloc.h>
#include <stdlib.h>

#include "base/log.h"

const char *
start_environment(const char *name)
{
    return getenv(name);
}

static int
set_up_and_run(const struct options *options, const char *name, start_main *program,
               struct error *e)
{
    enum log_level level = LOG_LEVEL_INFO;
    struct conf conf;
    int rc = conf_read(options_conf_path(options->conf_path, start_environment),
                       start_environment, &conf, e);

    if (rc == 0) {
        CHECK(log_level_parse(str_of(conf.log_level), &level) == 0);
        rc = log_open(conf.log_target, level, name, e);
    }
    if (rc == 0)
        rc = program(&conf, options, e);
    conf_release(&conf);
    return rc;
}

void
start_bound_heap(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    (void)mallopt(M_TRIM_THRESHOLD, 512 * 1024);
}

int
start_run(int argc, char *const argv[], const char *name, const char *usage,
          start_main *program)
{
    struct options options;
    struct error e;
    int rc = options_read(argc, argv, usage, &options);

    start_bound_heap();
    if (rc != 0)
        return rc > 0 ? EXIT_SUCCESS : ERROR_EXIT_CONFIG;
    if (set_up_and_run(&options, name, program, &e) == 0)
        return EXIT_SUCCESS;
    log_error(LOG_LEVEL_ERROR, LOG_CANNOT_START, &e, NULL, 0);
    return error_exit_code(&e);
}
