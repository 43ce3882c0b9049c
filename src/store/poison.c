#include "store/poison.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/io.h"
#include "base/jsonout.h"
#include "wire/frame.h"

int
poison_keep(const char *dir, int64_t project, const struct row *row,
            const struct error *why, struct error *e)
{
    struct uuid id = row_id(row);
    char text[IDS_TEXT_BYTES], at[CLOCK_TEXT_BYTES], name[96];
    struct buf file = buf_init(FRAME_MAX_BYTES + 1024);
    int rc;

    ids_format(&id, text);
    clock_format(row_received_at_us(row), at);
    (void)snprintf(name, sizeof name, "%lld-%s.poison", (long long)project, text);
    buf_add_char(&file, '{');
    jsonout_number(&file, "project", project);
    jsonout_text(&file, "id", str_of(text));
    jsonout_text(&file, "received_at", str_of(at));
    jsonout_text(&file, "sqlstate", str_of(why->sqlstate));
    buf_add_text(&file, "}\n");
    for (size_t i = 0; i < ROW_FIELDS; i++)
        buf_add_str(&file, row->field[i]);
    if (file.failed) {
        error_set(e, ERROR_SYSTEM, "internal failure");
        rc = error_detail(e, "out of memory");
    } else {
        rc = io_durable_file(dir, name, buf_str(&file), e);
    }
    buf_release(&file);
    return rc;
}
