#include "setup/options.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/num.h"

static int
take_ready_fd(const char *text, struct options *out)
{
    int64_t fd;

    if (num_parse(str_of(text), 0, 65535, &fd) != 0 || fcntl((int)fd, F_GETFD) < 0) {
        (void)fprintf(stderr, "--ready-fd must be an open descriptor\n");
        return -1;
    }
    out->ready_fd = (int)fd;
    return fcntl(out->ready_fd, F_SETFD, FD_CLOEXEC);
}

int
options_read(int argc, char *const argv[], const char *usage, struct options *out)
{
    static const struct option known[] = {{"conf", required_argument, NULL, 'c'},
                                          {"ready-fd", required_argument, NULL, 'r'},
                                          {"foreground", no_argument, NULL, 'f'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    int c;

    *out = (struct options){.ready_fd = -1};
    while ((c = getopt_long(argc, argv, "c:hV", known, NULL)) != -1) {
        switch (c) {
        case 'c':
            out->conf_path = optarg;
            break;
        case 'r':
            if (take_ready_fd(optarg, out) != 0)
                return -1;
            break;
        case 'f': /* the default anyway */
            break;
        case 'h':
            (void)printf("%s", usage);
            return 1;
        case 'V':
            (void)printf("%s\n", PACKAGE_STRING);
            return 1;
        default:
            (void)fprintf(stderr, "%s", usage);
            return -1;
        }
    }
    if (optind != argc) {
        (void)fprintf(stderr, "unexpected argument: %s\n%s", argv[optind], usage);
        return -1;
    }
    return 0;
}

const char *
options_conf_path(const char *given, conf_getenv *env)
{
    if (given == NULL)
        given = env("MESHER_CONF");
    if (given == NULL && access(MESHER_CONF_FILE, F_OK) == 0)
        given = MESHER_CONF_FILE;
    return given;
}

void
options_say_ready(const struct options *o)
{
    if (o->ready_fd < 0)
        return;
    if (io_write(o->ready_fd, "\n", 1) == 1)
        (void)close(o->ready_fd);
}
