#include "doctor/report.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/display.h"
#include "base/jsonout.h"
#include "base/limits.h"

#define NAME_COLUMNS 20U

static const char *const words[N_REPORT_STATES] = {[REPORT_OK] = "ok",
                                                   [REPORT_WARN] = "warn",
                                                   [REPORT_FAIL] = "FAIL",
                                                   [REPORT_SKIP] = "skip"};

PRINTF_LIKE(2, 0)

static void
add_line(struct buf *to, const char *fmt, va_list ap)
{
    char line[1024];

    (void)vsnprintf(line, sizeof line, fmt, ap);
    if (to->n > 0)
        buf_add_char(to, '\n');
    (void)display_add(to, str_of(line), SIZE_MAX);
}

void
report_begin(struct report *r, struct buf *out, bool json)
{
    *r = (struct report){.out = out,
                         .json = json,
                         .what = buf_init(8 * LIMIT_KIB),
                         .mend = buf_init(8 * LIMIT_KIB)};
    if (json)
        buf_add_char(out, '[');
}

void
report_add(struct report *r, enum report_state state, const char *check, const char *fmt,
           ...)
{
    va_list ap;

    report_flush(r);
    r->state = state;
    r->check = check;
    r->count[state]++;
    va_start(ap, fmt);
    add_line(&r->what, fmt, ap);
    va_end(ap);
}

void
report_why(struct report *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    add_line(&r->what, fmt, ap);
    va_end(ap);
}

void
report_mend(struct report *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    add_line(&r->mend, fmt, ap);
    va_end(ap);
}

static void
add_indented(struct buf *out, const char *word, struct str lines)
{
    while (lines.p != NULL) {
        buf_add_f(out, "      %s", word);
        buf_add_str(out, str_cut(&lines, '\n'));
        buf_add_char(out, '\n');
    }
}

static void
write_lines(struct report *r)
{
    struct str rest = buf_str(&r->what);

    buf_add_f(r->out, "%-4s  ", words[r->state]);
    display_cell(r->out, str_of(r->check), NAME_COLUMNS, false);
    buf_add_text(r->out, "  ");
    buf_add_str(r->out, str_cut(&rest, '\n'));
    buf_add_char(r->out, '\n');
    if (rest.n > 0)
        add_indented(r->out, "", rest);
    if (r->mend.n > 0)
        add_indented(r->out, "> ", buf_str(&r->mend));
}

static void
write_object(struct report *r)
{
    if (r->out->data[r->out->n - 1] == '}')
        buf_add_text(r->out, ",\n ");
    buf_add_char(r->out, '{');
    jsonout_text(r->out, "check", str_of(r->check));
    jsonout_text(r->out, "state", str_of(words[r->state]));
    jsonout_text(r->out, "what", buf_str(&r->what));
    jsonout_text(r->out, "mend", r->mend.n > 0 ? buf_str(&r->mend) : STR_NONE);
    buf_add_char(r->out, '}');
}

void
report_flush(struct report *r)
{
    if (r->check == NULL)
        return;
    if (r->json)
        write_object(r);
    else
        write_lines(r);
    r->check = NULL;
    buf_clear(&r->what, SIZE_MAX);
    buf_clear(&r->mend, SIZE_MAX);
}

void
report_end(struct report *r)
{
    report_flush(r);
    if (r->json)
        buf_add_text(r->out, "]\n");
    buf_release(&r->what);
    buf_release(&r->mend);
}
