#include "wire/dsn.h"

#include <string.h>

int
dsn_parse(struct str text, struct dsn *out)
{
    struct str rest = text, user, scheme = str_cut(&rest, ':');

    if ((!str_eq_nocase(scheme, STR("http")) && !str_eq_nocase(scheme, STR("https"))) ||
        rest.p == NULL || !str_starts(rest, STR("//")))
        return -1;
    rest = (struct str){rest.p + 2, rest.n - 2};
    user = str_cut(&rest, '@');
    if (rest.n == 0)
        return -1;
    out->key = str_cut(&user, ':');
    while (rest.n > 0 && rest.p[rest.n - 1] == '/')
        rest.n--;
    out->project = rest;
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] == '/')
            out->project = (struct str){rest.p + i + 1, rest.n - i - 1};
    if (out->key.n == 0 || out->project.n == 0 || out->project.p == rest.p)
        return -1;
    return 0;
}
