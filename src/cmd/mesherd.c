/* mesherd: keeps the processes of Mesher running. */
#include "setup/start.h"
#include "super/supervisor.h"

static const char usage[] =
    "usage: mesherd [--conf FILE] [--ready-fd N] [--foreground]\n"
    "Starts the children of the configuration, in order, and restarts those that exit.\n"
    "Stays in the foreground.  SIGTERM stops all of them, SIGHUP reloads the "
    "configuration.\n";

static int
run(const struct conf *conf, const struct options *options, struct error *e)
{
    return supervisor_run(conf, options, start_environment, e);
}

int
main(int argc, char *argv[])
{
    return start_run(argc, argv, "mesherd", usage, run);
}
