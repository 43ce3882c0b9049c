#include <string.h>

#include "store/hosts.h"
#include "store/libpq.h"
#include "unit.h"

/* What attempt i says for a keyword, "" for nothing. */
static const char *
said(const struct hosts *h, size_t i, const char *keyword)
{
    const char *names[HOSTS_PARAMS], *values[HOSTS_PARAMS];

    hosts_params(h, i, names, values);
    for (size_t j = 0; names[j] != NULL; j++)
        if (strcmp(names[j], keyword) == 0)
            return values[j];
    return "";
}

static const struct {
    int line;
    const char *conninfo;
    size_t count;
    const char *host, *port; /* of the last */
} rows[] = {
    {__LINE__, "", 1, "", ""},
    {__LINE__, "dbname=mesher", 1, "", ""},
    {__LINE__, "host=a", 1, "a", ""},
    {__LINE__, "host=a port=6432", 1, "a", "6432"},
    {__LINE__, "host=a,b", 2, "b", ""},
    {__LINE__, "host=a,b port=6432", 2, "b", "6432"},
    {__LINE__, "host=a,b port=6432,6433", 2, "b", "6433"},
    {__LINE__, "host=/run/a,/run/b,c target_session_attrs=read-write", 3, "c", ""},
    {__LINE__, "postgresql://u:p@a:1,b:2/mesher?target_session_attrs=any", 2, "b", "2"},
    {__LINE__, "host=a, port=1,2", 2, "", "2"},
    {__LINE__, "hostaddr=127.0.0.1,127.0.0.2 port=5", 2, "", "5"},
};

static void
each_host_is_an_attempt(void)
{
    struct error e;

    UNIT_EQ(libpq_load(&e), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct hosts h;

        UNIT_EQ_AT(rows[i].line, hosts_read(&h, rows[i].conninfo, &e), 0);
        UNIT_EQ_AT(rows[i].line, h.count, rows[i].count);
        UNIT_STR_AT(rows[i].line, str_of(said(&h, h.count - 1, "host")), rows[i].host);
        UNIT_STR_AT(rows[i].line, str_of(said(&h, h.count - 1, "port")), rows[i].port);
        UNIT_STR_AT(rows[i].line, str_of(said(&h, 0, "dbname")), rows[i].conninfo);
        hosts_release(&h);
    }
}

static void
what_does_not_fit_is_refused_without_its_text(void)
{
    static const char *const bad[] = {"host=a,b port=1,2,3", "nonsense", "host='secret",
                                      "host=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
                                      "host=a,b hostaddr=1.1.1.1,2.2.2.2,3.3.3.3"};
    struct hosts h;
    struct error e;

    UNIT_EQ(libpq_load(&e), 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        UNIT(hosts_read(&h, bad[i], &e) == -1 && e.kind == ERROR_UNAVAILABLE);
        UNIT(strstr(e.detail, "secret") == NULL && strstr(e.text, "secret") == NULL);
    }
    UNIT_EQ(hosts_read(&h, "host=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", &e), 0);
    UNIT(h.count == HOSTS_MAX && strcmp(said(&h, 15, "host"), "16") == 0);
    hosts_release(&h);
}

static const struct unit_test tests[] = {
    {"each_host_is_an_attempt", each_host_is_an_attempt},
    {"what_does_not_fit_is_refused_without_its_text",
     what_does_not_fit_is_refused_without_its_text},
};

const struct unit_suite suite_hosts = {"hosts", tests, COUNT_OF(tests)};
