#include <string.h>

#include "base/limits.h"
#include "sentry/items.h"
#include "unit.h"

static struct buf body;

static void
begin(struct items *p)
{
    const struct items_limits limits = {1000, 200000, unit_dir()};

    items_init(p, unit_arena(), &body, &limits);
}

/* Adds an item of n bytes 'x' in two pieces.  0, or the kind of error. */
static enum error_kind
add(struct items *p, const char *type, size_t n, bool has_length)
{
    static char bytes[300000];
    struct envelope_item item = {.type = str_of(type), .count = 1};
    struct error e = {.kind = ERROR_NONE};

    (void)memset(bytes, 'x', sizeof bytes);
    item.has_length = has_length;
    item.length = n;
    if (items_begin(p, &item, &e) != 0 || items_add_bytes(p, bytes, n / 2, &e) != 0 ||
        items_add_bytes(p, bytes, n - n / 2, &e) != 0)
        return e.kind;
    items_end(p);
    return ERROR_NONE;
}

static void
end(struct items *p)
{
    items_release(p);
    buf_release(&body);
}

static void
items_are_where_they_belong(void)
{
    static const struct {
        int line;
        const char *type;
        size_t n;
        bool has_length;
        enum items_place place;
    } rows[] = {
        {__LINE__, "event", 100, true, ITEMS_IN_MEMORY},
        {__LINE__, "attachment", 1000, true, ITEMS_IN_MEMORY},
        {__LINE__, "attachment", 1000, false, ITEMS_IN_FILE},
        {__LINE__, "attachment", 100000, true, ITEMS_IN_FILE},
        {__LINE__, "attachment", 200000, true, ITEMS_IN_FILE},
        {__LINE__, "attachment", 200001, true, ITEMS_IN_NOWHERE},
        {__LINE__, "attachment", 200001, false, ITEMS_IN_NOWHERE},
        {__LINE__, "hologram", 5000, true, ITEMS_IN_NOWHERE},
        {__LINE__, "session", 10, false, ITEMS_IN_MEMORY},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct items p;

        begin(&p);
        UNIT_AT(rows[i].line,
                add(&p, rows[i].type, rows[i].n, rows[i].has_length) == ERROR_NONE);
        UNIT_AT(rows[i].line, p.first != NULL && p.first->place == rows[i].place);
        end(&p);
    }
}

static void
small_attachments_fill_memory_only_so_far(void)
{
    struct items p;
    size_t in_file = 0;

    begin(&p);
    for (int i = 0; i < 10; i++)
        UNIT(add(&p, "attachment", 10000, true) == ERROR_NONE);
    for (const struct collected_item *at = p.first; at != NULL; at = at->next)
        in_file += at->place == ITEMS_IN_FILE;
    UNIT(in_file == 4 && p.file.n == 40000);
    end(&p);
}

static void
what_is_too_large_ends_it(void)
{
    for (int has_length = 0; has_length < 2; has_length++) {
        static const struct {
            const char *type;
            size_t limit;
        } rows[] = {{"event", 1000}, {"client_report", 4096}, {"check_in", 102400}};

        for (size_t i = 0; i < COUNT_OF(rows); i++)
            for (size_t more = 0; more < 3; more++) {
                struct items p;

                begin(&p);
                UNIT(add(&p, rows[i].type, rows[i].limit - 1 + more, has_length != 0) ==
                     (more < 2 ? ERROR_NONE : ERROR_TOO_LARGE));
                end(&p);
            }
    }
}

static void
there_are_not_too_many_items(void)
{
    struct items p;

    begin(&p);
    for (unsigned i = 0; i < LIMIT_ENVELOPE_ITEMS; i++)
        UNIT(add(&p, "foo", 0, true) == ERROR_NONE);
    UNIT(add(&p, "foo", 0, true) == ERROR_TOO_LARGE);
    end(&p);
    begin(&p);
    for (unsigned i = 0; i < LIMIT_ENVELOPE_SESSIONS; i++)
        UNIT(add(&p, "session", 0, true) == ERROR_NONE);
    UNIT(add(&p, "foo", 0, true) == ERROR_NONE);
    UNIT(add(&p, "sessions", 0, true) == ERROR_TOO_LARGE);
    end(&p);
}

static void
what_is_kept_in_memory_is_bounded(void)
{
    struct items p;
    enum error_kind kind = ERROR_NONE;
    size_t n = 0;

    begin(&p);
    while (kind == ERROR_NONE && n < 900) {
        kind = add(&p, "user_report", 60000, true);
        n++;
    }
    UNIT(kind == ERROR_TOO_LARGE && body.n <= body.max && n > 60 && n < 80);
    end(&p);
}

static void
a_project_without_units_keeps_no_event(void)
{
    struct items p;

    begin(&p);
    p.refuse_events = true;
    UNIT(add(&p, "event", 500, true) == ERROR_NONE && body.n == 0 &&
         p.first->place == ITEMS_IN_NOWHERE);
    UNIT(add(&p, "session", 5, true) == ERROR_NONE && body.n == 5);
    end(&p);
}

static void
bytes_come_back_from_memory_and_from_the_file(void)
{
    struct buf out = buf_init(1000);
    struct items p;
    struct error e;

    begin(&p);
    UNIT(add(&p, "attachment", 10, true) == ERROR_NONE);
    UNIT(add(&p, "attachment", 100000, true) == ERROR_NONE);
    for (const struct collected_item *at = p.first; at != NULL; at = at->next) {
        buf_clear(&out, SIZE_MAX);
        UNIT(items_copy(&p, at, 3, 5, &out, &e) == 0);
        UNIT(str_eq(buf_str(&out), STR("xxxxx")));
    }
    UNIT(str_eq(items_text(&p, p.first), STR("xxxxxxxxxx")));
    buf_release(&out);
    end(&p);
}

static void
the_same_file_has_the_same_hash(void)
{
    struct items p;
    const struct collected_item *a, *b, *c;

    begin(&p);
    UNIT(add(&p, "attachment", 1000, true) == ERROR_NONE);
    UNIT(add(&p, "attachment", 1000, false) == ERROR_NONE);
    UNIT(add(&p, "attachment", 1001, true) == ERROR_NONE);
    a = p.first;
    b = a->next;
    c = b->next;
    UNIT(ids_eq(&a->hash, &b->hash) && !ids_eq(&a->hash, &c->hash));
    end(&p);
}

static void
a_text_becomes_an_item_as_it_is(void)
{
    struct items p;
    struct str text = STR("{\"message\":\"x\"}");
    struct error e;

    begin(&p);
    UNIT(items_add_text(&p, STR("event"), text, &e) == 0);
    UNIT(items_text(&p, p.first).p == text.p && p.first->n == text.n && body.n == 0);
    end(&p);
}

static const struct unit_test tests[] = {
    {"items_are_where_they_belong", items_are_where_they_belong},
    {"small_attachments_fill_memory_only_so_far",
     small_attachments_fill_memory_only_so_far},
    {"what_is_too_large_ends_it", what_is_too_large_ends_it},
    {"there_are_not_too_many_items", there_are_not_too_many_items},
    {"what_is_kept_in_memory_is_bounded", what_is_kept_in_memory_is_bounded},
    {"a_project_without_units_keeps_no_event", a_project_without_units_keeps_no_event},
    {"bytes_come_back_from_memory_and_from_the_file",
     bytes_come_back_from_memory_and_from_the_file},
    {"the_same_file_has_the_same_hash", the_same_file_has_the_same_hash},
    {"a_text_becomes_an_item_as_it_is", a_text_becomes_an_item_as_it_is},
};

const struct unit_suite suite_items = {"items", tests, COUNT_OF(tests)};
