#include "store/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "store/libpq.h"

static int
unusable(struct error *e, const char *why)
{
    error_set(e, ERROR_UNAVAILABLE, "database unavailable");
    return error_detail(e, "database: %s", why);
}

/* Splits a list at its commas, in place.  Returns the number of parts, or 0 when there
 * are too many. */
static size_t
cut(char *list, const char *part[HOSTS_MAX])
{
    size_t n = 0;

    for (char *comma = list; comma != NULL; list = comma + 1) {
        if (n == HOSTS_MAX)
            return 0;
        comma = strchr(list, ',');
        if (comma != NULL)
            *comma = '\0';
        part[n++] = list;
        if (comma == NULL)
            break;
    }
    return n;
}

/* Reads one of the three lists into parts; sets *count to their number when there is
 * more than one. */
static int
take_list(struct hosts *h, const char *value, size_t slot, const char *part[HOSTS_MAX])
{
    char *copy = h->memory + slot * HOSTS_LIST_BYTES;
    size_t n;

    if (value == NULL || value[0] == '\0')
        return 0;
    if (strlen(value) >= HOSTS_LIST_BYTES)
        return -1;
    (void)memcpy(copy, value, strlen(value) + 1);
    n = cut(copy, part);
    if (n == 0 || (n > 1 && h->count > 1 && n != h->count))
        return -1;
    if (n == 1)
        for (size_t i = 1; i < HOSTS_MAX; i++)
            part[i] = part[0];
    else
        h->count = n;
    return 0;
}

int
hosts_read(struct hosts *out, const char *conninfo, struct error *e)
{
    char *why = NULL;
    PQconninfoOption *options = libpq.PQconninfoParse(conninfo, &why);
    int rc = 0;

    *out = (struct hosts){.conninfo = conninfo, .count = 1};
    libpq.PQfreemem(why); /* it may quote a password */
    if (options == NULL)
        return unusable(e, "the connection string cannot be parsed");
    out->memory = malloc((size_t)3 * HOSTS_LIST_BYTES);
    if (out->memory == NULL) {
        libpq.PQconninfoFree(options);
        return unusable(e, "out of memory");
    }
    for (const PQconninfoOption *o = options; o->keyword != NULL && rc == 0; o++) {
        if (strcmp(o->keyword, "host") == 0)
            rc = take_list(out, o->val, 0, out->host);
        else if (strcmp(o->keyword, "hostaddr") == 0)
            rc = take_list(out, o->val, 1, out->hostaddr);
        else if (strcmp(o->keyword, "port") == 0)
            rc = take_list(out, o->val, 2, out->port);
    }
    libpq.PQconninfoFree(options);
    if (rc == 0)
        return 0;
    hosts_release(out);
    return unusable(e, "host, hostaddr and port must be lists of the same length");
}

void
hosts_release(struct hosts *h)
{
    free(h->memory);
    *h = (struct hosts){0};
}

void
hosts_params(const struct hosts *h, size_t i, const char *names[HOSTS_PARAMS],
             const char *values[HOSTS_PARAMS])
{
    const char *const parts[][2] = {
        {"dbname", h->conninfo},      {"fallback_application_name", "mesher"},
        {"client_encoding", "UTF8"},  {"host", h->host[i]},
        {"hostaddr", h->hostaddr[i]}, {"port", h->port[i]}};
    size_t n = 0;

    CHECK(i < h->count);
    for (size_t j = 0; j < COUNT_OF(parts); j++)
        if (parts[j][1] != NULL) {
            names[n] = parts[j][0];
            values[n++] = parts[j][1];
        }
    names[n] = values[n] = NULL;
}
