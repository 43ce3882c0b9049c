#include "ingest/grouping.h"

#include "base/buf.h"
#include "base/io.h"
#include "base/limits.h"
#include "grouping/rules.h"

/* All rules at their largest, and as much again of comments. */
#define FILE_MAX_BYTES ((size_t)2 * LIMIT_RULES * LIMIT_RULE_BYTES)

/* The end of a path, which tells files apart, as far as an error has room for it. */
#define PATH_SHOWN 64U

static const char *
end_of(const char *path)
{
    struct str s = str_of(path);

    return s.n > PATH_SHOWN ? path + s.n - PATH_SHOWN : path;
}

int
grouping_load(const char *path, struct rules **out, struct error *e)
{
    struct buf text = buf_init(FILE_MAX_BYTES);
    struct error why;
    int rc = 0;

    *out = NULL;
    if (path[0] == '\0')
        return 0;
    if (io_read_file(path, &text, &why) != 0)
        rc = error_set(e, ERROR_CONFIG, "%s: %s", end_of(path),
                       why.detail[0] == '\0' ? why.text : why.detail);
    else if (rules_parse(buf_str(&text), out, &why) != 0)
        rc = error_set(e, why.kind, "%s: %s", end_of(path), why.text);
    buf_release(&text);
    return rc;
}

void
grouping_free(struct rules *rules)
{
    rules_free(rules);
}
