/* mesher-ws: one WebSocket connection, under websocketd. */
#include "setup/start.h"
#include "ws/ws.h"

static const char usage[] = "usage: mesher-ws [--conf FILE]\n"
                            "Started by websocketd for each connection: events on "
                            "descriptor 0, an answer to each on\n"
                            "descriptor 1.\n";

static int
serve(const struct conf *conf, const struct options *options, struct error *e)
{
    options_say_ready(options);
    return ws_serve(conf, e);
}

int
main(int argc, char *argv[])
{
    return start_run(argc, argv, "mesher-ws", usage, serve);
}
