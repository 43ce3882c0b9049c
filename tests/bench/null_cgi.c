/*
 * null_cgi: a CGI program that does nothing: it takes the body, or Apache would give the
 * client no answer, and answers 202.  What the web server and a process alone cost.
 *
 * With ".libpq" in its name it loads libpq first, as Mesher does when it needs the
 * database; with ".connect" it opens a connection too, as the file $MESHER_CONF.null
 * says.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *connect_fn(const char *conninfo);
typedef int status_fn(const void *connection);
typedef void finish_fn(void *connection);

/* dlsym() gives an object pointer for a function (POSIX). */
static void
find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);

    if (found == NULL)
        exit(EXIT_FAILURE);
    (void)memcpy(function, &found, sizeof found);
}

static const char *
read_conninfo(char *out, size_t size)
{
    const char *conf = getenv("MESHER_CONF");
    FILE *f;

    (void)snprintf(out, size, "%s.null", conf == NULL ? "" : conf);
    f = fopen(out, "r");
    if (f == NULL || fgets(out, (int)size, f) == NULL)
        exit(EXIT_FAILURE);
    (void)fclose(f);
    return out;
}

static void
start(int connects)
{
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    connect_fn *open_connection;
    status_fn *status;
    finish_fn *finish;
    void *connection;
    char conninfo[1024];

    if (library == NULL)
        exit(EXIT_FAILURE);
    if (!connects)
        return;
    find(library, "PQconnectdb", &open_connection);
    find(library, "PQstatus", &status);
    find(library, "PQfinish", &finish);
    connection = open_connection(read_conninfo(conninfo, sizeof conninfo));
    if (status(connection) != 0)
        exit(EXIT_FAILURE);
    finish(connection);
}

int
main(int argc, char *argv[])
{
    const char *name = argc > 0 ? argv[0] : "";
    int connects = strstr(name, ".connect") != NULL;
    char body[1024];

    if (connects || strstr(name, ".libpq") != NULL)
        start(connects);
    while (fread(body, 1, sizeof body, stdin) > 0)
        ;
    (void)fputs("Status: 202\r\nContent-Type: application/json\r\n\r\n"
                "{\"status\":\"accepted\"}\n",
                stdout);
    return EXIT_SUCCESS;
}
