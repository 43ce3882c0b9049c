/* mesherd: keeps the processes of Mesher running. */
#include "setup/start.h"
#include "super/supervisor.h"

static const char usage[] =
    "usage: mesherd [--conf FILE] [--ready-fd N] [--foreground]\n"
    "Starts the children that the configuration names, in their order, and starts again\n"
    "what ends.  Stays in the foreground.  SIGTERM stops all, SIGHUP reads the\n"
    "configuration again.\n";

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
