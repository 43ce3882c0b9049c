#include "outage/scrubfile.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/num.h"
#include "store/keys.h"

#define NAME "scrub"
#define HEAD "mesher-scrub 1\n"

/* Projects that do not fit use the default. */
#define FILE_MAX_BYTES (16 * LIMIT_MIB)

static int
path_of(const char *dir, char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/" NAME, dir);

    return n > 0 && n < PATH_MAX ? 0 : -1;
}

void
scrubfile_add(struct buf *b, int64_t project, const struct scrubbing *w)
{
    size_t at = b->n;

    if (b->n == 0)
        buf_add_text(b, HEAD);
    if (project == 0)
        return;
    buf_add_f(b, "%lld\t%s\t%s\t", (long long)project, w->on ? "on" : "off",
              w->addresses ? "on" : "off");
    buf_add_str(b, w->own.n > 0 ? w->own : STR(""));
    buf_add_char(b, '\t');
    buf_add_str(b, w->safe.n > 0 ? w->safe : STR(""));
    if (w->filters.n > 0 || w->old_issues) {
        buf_add_char(b, '\t');
        buf_add_str(b, w->filters.n > 0 ? w->filters : STR(""));
    }
    if (w->old_issues)
        buf_add_text(b, "\told");
    buf_add_char(b, '\n');
    if (b->failed) {
        b->failed = false;
        b->n = at;
    }
}

int
scrubfile_write(const char *dir, const struct buf *b, struct error *e)
{
    return io_durable_change(dir, NAME, buf_str(b), e);
}

static int
collect(void *context, int64_t project, const struct scrubbing *w)
{
    scrubfile_add(context, project, w);
    return 0;
}

int
scrubfile_renew(const char *dir, struct db *d, struct error *e)
{
    struct buf b = buf_init(FILE_MAX_BYTES);
    int rc;

    scrubfile_add(&b, 0, NULL);
    rc = keys_scrubbings(d, collect, &b, e);
    if (rc == 0)
        rc = scrubfile_write(dir, &b, e);
    buf_release(&b);
    return rc;
}

static int
damaged(struct error *e)
{
    error_set(e, ERROR_SYSTEM, "internal failure");
    return error_detail(e, "the file of scrubbing settings is missing or damaged");
}

/* Returns the line of the project, without its number; absent when it has none. */
static struct str
line_of(struct str lines, int64_t project)
{
    while (lines.n > 0) {
        struct str line = str_cut(&lines, '\n');
        struct str number = str_cut(&line, '\t');
        int64_t n;

        if (num_parse(number, 1, INT64_MAX, &n) == 0 && n == project)
            return line;
    }
    return STR_NONE;
}

int
scrubfile_find(const char *dir, int64_t project, char *out, size_t *n, struct error *e)
{
    static const struct str head = STR_INIT(HEAD), usual = STR_INIT(SCRUBBING_USUAL);
    struct buf file = buf_init(FILE_MAX_BYTES + 1);
    struct scrubbing ignored;
    char path[PATH_MAX];
    struct str line = STR_NONE;
    int rc = -1;

    if (path_of(dir, path) == 0 && io_read_file(path, &file, e) == 0 &&
        str_starts(buf_str(&file), head)) {
        line = line_of((struct str){file.data + head.n, file.n - head.n}, project);
        line = line.p == NULL ? usual : line;
        rc = line.n <= SCRUBBING_MAX_BYTES ? 0 : -1;
    }
    if (rc == 0) {
        (void)memcpy(out, line.p, line.n);
        for (size_t i = 0; i < line.n; i++)
            if (out[i] == '\t')
                out[i] = '\n';
        *n = line.n;
        rc = scrubbing_parse((struct str){out, *n}, &ignored);
    }
    buf_release(&file);
    return rc == 0 ? 0 : damaged(e);
}
