#include <stdio.h>
#include <string.h>

#include "doctor/idleconf.h"
#include "unit.h"

static void
write_file(const char *name, const char *text)
{
    char path[PATH_MAX];
    FILE *f;
    int rc;

    (void)snprintf(path, sizeof path, "%s/%s", unit_dir(), name);
    f = fopen(path, "w");
    UNIT(f != NULL);
    if (f == NULL)
        return;
    rc = fputs(text, f);
    UNIT(rc >= 0);
    rc = fclose(f);
    UNIT(rc == 0);
}

/* Returns what is found in `text`, or -1; where it stands goes to at, without the folder.
 */
static long
found_in(enum webserver server, const char *text, unsigned port, char at[64])
{
    struct idleconf found = {.ms = -1};
    char path[PATH_MAX];
    struct error e;

    write_file("a.conf", text);
    (void)snprintf(path, sizeof path, "%s/a.conf", unit_dir());
    at[0] = '\0';
    if (idleconf_read(server, path, NULL, port, &found, &e) != 0)
        return -1;
    if (found.at[0] != '\0')
        (void)snprintf(at, 64, "%s", found.at + strlen(unit_dir()) + 1);
    return found.ms;
}

#define L WEBSERVER_LIGHTTPD
#define N WEBSERVER_NGINX
#define A WEBSERVER_APACHE

static void
a_value_is_found_where_it_counts(void)
{
    static const struct {
        const char *text;
        long ms;
        const char *at;
        enum webserver server;
        int line;
    } cases[] = {
        {"", 5000, "", L, __LINE__},
        {"server.port = 80\nserver.max-keep-alive-idle = 30\n", 30000, "a.conf:2", L,
         __LINE__},
        {"server.max-keep-alive-idle=30 # 31", 30000, "a.conf:1", L, __LINE__},
        {"# server.max-keep-alive-idle = 30\n", 5000, "", L, __LINE__},
        {"x = \"# {\"\nserver.max-keep-alive-idle = 7\n", 7000, "a.conf:2", L, __LINE__},
        {"$SERVER[\"socket\"] == \":8081\" {\nserver.max-keep-alive-idle = 7\n}\n", 5000,
         "", L, __LINE__},
        {"$SERVER[\"socket\"] == \":8080\" {\n server.max-keep-alive-idle = 7\n}\n", 7000,
         "a.conf:2", L, __LINE__},
        {"server.max-keep-alive-idle = 7\n$HTTP[\"url\"] =~ \"^/m{1}\" {\n"
         "server.max-keep-alive-idle = 150\n}\n",
         150000, "a.conf:3", L, __LINE__},
        {"", 75000, "", N, __LINE__},
        {"http { keepalive_timeout 65; server { listen 8080; } }", 65000, "a.conf:1", N,
         __LINE__},
        {"http {\nkeepalive_timeout 65;\nserver {\nlisten 127.0.0.1:8080;\n"
         "location / {\nkeepalive_timeout 2m;\n}\n}\n}\n",
         120000, "a.conf:6", N, __LINE__},
        {"http { server { listen 80; keepalive_timeout 3; } }", 75000, "", N, __LINE__},
        {"http { server { listen 18080; keepalive_timeout 3; } }", 75000, "", N,
         __LINE__},
        {"http {\nkeepalive_timeout 65;\nserver {\nlisten 80;\nkeepalive_timeout "
         "3;\n}\n}\n",
         65000, "a.conf:2", N, __LINE__},
        {"keepalive_timeout 1500ms;", 1500, "a.conf:1", N, __LINE__},
        {"keepalive_timeout 0;", 0, "a.conf:1", N, __LINE__},
        {"", 5000, "", A, __LINE__},
        {"KeepAliveTimeout 5\nkeepalivetimeout 150\n", 150000, "a.conf:2", A, __LINE__},
        {"KeepAlive Off\n", 0, "a.conf:1", A, __LINE__},
        {"KeepAliveTimeout 500ms", 500, "a.conf:1", A, __LINE__},
        {"<IfModule x>\nKeepAliveTimeout 6\n</IfModule>\n", 6000, "a.conf:2", A,
         __LINE__},
        {"KeepAliveTimeout 9\n<VirtualHost *:80>\nKeepAliveTimeout 6\n</VirtualHost>\n",
         9000, "a.conf:1", A, __LINE__},
        {"KeepAliveTimeout 9\n<VirtualHost *:8080>\n KeepAliveTimeout "
         "6\n</VirtualHost>\n",
         6000, "a.conf:3", A, __LINE__},
    };

    char at[64];

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UNIT_AT(cases[i].line,
                found_in(cases[i].server, cases[i].text, 8080, at) == cases[i].ms);
        UNIT_AT(cases[i].line, strcmp(at, cases[i].at) == 0);
    }
}

static void
included_files_are_read(void)
{
    char at[64];

    write_file("more-1.inc", "server.max-keep-alive-idle = 44\n");
    UNIT(found_in(L, "include \"more-*.inc\"\n", 80, at) == 44000);
    UNIT(strcmp(at, "more-1.inc:1") == 0);
    write_file("more-1.inc", "keepalive_timeout 44;\n");
    UNIT(found_in(N, "http { server { listen 80; include more-1.inc; } }", 80, at) ==
         44000);
    write_file("more-1.inc", "KeepAliveTimeout 44\n");
    UNIT(found_in(A, "IncludeOptional more-*.inc\nIncludeOptional none\n", 80, at) ==
         44000);
}

static void
bounds_hold(void)
{
    char text[4096] = "include \"a.conf\"\n", at[64];
    size_t n;

    UNIT(found_in(L, text, 80, at) == 5000); /* ends, though it includes itself */
    for (n = 0; n < 80; n++)
        text[n] = '{';
    n += (size_t)snprintf(text + n, sizeof text - n, "keepalive_timeout 1; ");
    for (size_t i = 0; i < 90; i++)
        text[n++] = '}';
    (void)snprintf(text + n, sizeof text - n, "keepalive_timeout 33;");
    UNIT(found_in(N, text, 80, at) == 33000);
    UNIT(found_in(N, "x \"never closed", 80, at) == 75000);
    UNIT(found_in(N, "}}};;;\\", 80, at) == 75000);
    UNIT(found_in(WEBSERVER_OTHER, "", 80, at) == -1);
}

static const struct unit_test tests[] = {
    {"a_value_is_found_where_it_counts", a_value_is_found_where_it_counts},
    {"included_files_are_read", included_files_are_read},
    {"bounds_hold", bounds_hold},
};

const struct unit_suite suite_idleconf = {"idleconf", tests, COUNT_OF(tests)};
