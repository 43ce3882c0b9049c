/* mesher-writer: the one process that stores the events of all responders. */
#include "setup/start.h"
#include "writer/server.h"

static const char usage[] =
    "usage: mesher-writer [--conf FILE] [--ready-fd N]\n"
    "Stores the events that responders submit over its Unix socket, in group commits.  "
    "Stays in\n"
    "the foreground; SIGTERM ends it once all received events are committed.\n";

int
main(int argc, char *argv[])
{
    return start_run(argc, argv, "mesher-writer", usage, server_run);
}
