#include "sentry/crashfiles.h"

#include "base/budget.h"
#include "base/limits.h"
#include "event/event.h"
#include "event/normal.h"
#include "json/json.h"
#include "json/repair.h"
#include "json/scan.h"
#include "wire/msgpack.h"

/* A value of one byte becomes a word of five and a comma, or an escape of six. */
#define JSON_FACTOR ((size_t)8)

struct crumbs {
    struct str list; /* JSON objects with commas between them */
    int64_t last_us; /* time of the last one; EVENT_NO_TIME: unknown */
};

struct reading {
    const struct items *items;
    struct crashfiles *out;
    struct crumbs crumbs[CRASHFILES_MAX];
    size_t files, crumb_files;
};

struct str
crashfiles_type(struct str name)
{
    if (str_eq(name, STR("__sentry-event")))
        return STR("event.payload");
    return str_eq(name, STR("__sentry-breadcrumb1")) ||
                   str_eq(name, STR("__sentry-breadcrumb2"))
               ? STR("event.breadcrumbs")
               : STR_NONE;
}

/* Converts the next value of *bytes; *object is absent when it is not an object, or not
 * readable: then *bytes is absent, too. */
static int
next_object(struct arena *a, struct str *bytes, struct str *object, struct error *e)
{
    struct buf text = buf_init(JSON_FACTOR * bytes->n + LIMIT_KIB);
    struct error ignored;
    int rc = 0;

    *object = STR_NONE;
    if (msgpack_json(bytes, &text) != 0) {
        *bytes = STR_NONE;
    } else {
        struct str copy;

        rc = arena_copy(a, buf_str(&text), &copy) != 0
                 ? error_no_memory(e)
                 : repair_text(a, copy, false, &copy, e);
        if (rc == 0 && (scan_value(copy, LIMIT_JSON_DEPTH, object, &ignored) != 0 ||
                        scan_type(*object) != SCAN_OBJECT))
            *object = STR_NONE;
    }
    buf_release(&text);
    return rc;
}

static int
read_event(struct reading *r, struct collected_item *item, struct str bytes,
           struct error *e)
{
    struct str object;

    if (next_object(r->items->arena, &bytes, &object, e) != 0)
        return -1;
    if (object.p == NULL)
        return 0;
    r->out->item[r->out->items++] = item;
    r->out->has_event = true;
    r->out->object[r->out->count++] = object;
    return 0;
}

/* Returns the time of a breadcrumb; EVENT_NO_TIME if it has none. */
static int64_t
time_of(struct arena *a, struct str crumb)
{
    static const struct str name = STR_INIT("timestamp");
    struct str value, text;
    struct error ignored;
    int64_t at_us;

    if (json_pick(a, crumb, &name, 1, &value, &ignored) != 0 ||
        json_scalar(a, value, &text, &ignored) != 0 || text.p == NULL)
        return EVENT_NO_TIME;
    if (scan_type(value) == SCAN_NUMBER)
        return normal_time_number(value, &at_us) == 0 ? at_us : EVENT_NO_TIME;
    return normal_time_text(text, &at_us) == 0 ? at_us : EVENT_NO_TIME;
}

static int
read_crumbs(struct reading *r, struct collected_item *item, struct str bytes,
            struct error *e)
{
    struct buf list = buf_init(2 * JSON_FACTOR * bytes.n + LIMIT_KIB);
    struct crumbs *c = &r->crumbs[r->crumb_files];
    struct arena *a = r->items->arena;
    int rc = 0;

    *c = (struct crumbs){.last_us = EVENT_NO_TIME};
    while (rc == 0 && bytes.n > 0 && budget_left()) {
        struct str crumb;

        rc = next_object(a, &bytes, &crumb, e);
        if (rc != 0 || crumb.p == NULL)
            continue;
        if (list.n > 0)
            buf_add_char(&list, ',');
        buf_add_str(&list, crumb);
        c->last_us = time_of(a, crumb);
    }
    if (rc == 0 && list.n > 0) {
        if (list.failed || arena_copy(a, buf_str(&list), &c->list) != 0)
            rc = error_no_memory(e);
        r->out->item[r->out->items++] = item;
        r->crumb_files++;
    }
    buf_release(&list);
    return rc;
}

static int
read_file(struct reading *r, struct collected_item *item, struct error *e)
{
    bool is_event = str_eq(item->attachment_type, STR("event.payload"));
    struct buf bytes = buf_init(item->n);
    int rc = items_copy(r->items, item, 0, item->n, &bytes, e);

    r->files++;
    if (rc == 0)
        rc = (is_event ? read_event : read_crumbs)(r, item, buf_str(&bytes), e);
    buf_release(&bytes);
    return rc;
}

static bool
is_crashfile(const struct items *p, const struct collected_item *item)
{
    return item->type->action == ITEM_ATTACHMENT && item->place != ITEMS_IN_NOWHERE &&
           item->n > 0 && item->n <= p->limits.event_max_bytes &&
           (str_eq(item->attachment_type, STR("event.payload")) ||
            str_eq(item->attachment_type, STR("event.breadcrumbs")));
}

/* Makes one list of all breadcrumbs: that of the file that ends first comes first. */
static int
join_crumbs(struct reading *r, struct error *e)
{
    struct buf b = buf_init(SIZE_MAX);
    struct str *object = &r->out->object[r->out->count];
    int rc = 0;

    if (r->crumb_files == 0)
        return 0;
    for (size_t i = 1; i < r->crumb_files; i++)
        for (size_t j = i; j > 0 && r->crumbs[j].last_us < r->crumbs[j - 1].last_us;
             j--) {
            struct crumbs later = r->crumbs[j - 1];

            r->crumbs[j - 1] = r->crumbs[j];
            r->crumbs[j] = later;
        }
    buf_add_text(&b, "{\"breadcrumbs\":[");
    for (size_t i = 0; i < r->crumb_files; i++) {
        buf_add_text(&b, i == 0 ? "" : ",");
        buf_add_str(&b, r->crumbs[i].list);
    }
    buf_add_text(&b, "]}");
    if (b.failed || arena_copy(r->items->arena, buf_str(&b), object) != 0)
        rc = error_no_memory(e);
    r->out->count++;
    buf_release(&b);
    return rc;
}

int
crashfiles_read(const struct items *p, struct crashfiles *out, struct error *e)
{
    struct reading r = {.items = p, .out = out};

    *out = (struct crashfiles){.count = 0};
    budget_doing("reading a crash's files");
    for (struct collected_item *item = p->first; item != NULL && r.files < CRASHFILES_MAX;
         item = item->next)
        if (is_crashfile(p, item) && read_file(&r, item, e) != 0)
            return -1;
    return join_crumbs(&r, e);
}

void
crashfiles_taken(const struct crashfiles *f)
{
    for (size_t i = 0; i < f->items; i++)
        f->item[i]->place = ITEMS_IN_NOWHERE;
}
