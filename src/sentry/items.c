#include "sentry/items.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

/* Attachments need no file as long as they are at most this large together. */
#define SMALL_BYTES (64 * LIMIT_KIB)

#define NAME_MAX_CHARS 255U

void
items_init(struct items *p, struct arena *arena, struct buf *body,
           const struct items_limits *limits)
{
    *p = (struct items){.arena = arena, .body = body, .limits = *limits};
    p->file = tempfile_init();
    p->end = &p->first;
    buf_clear(body, SIZE_MAX);
    body->max = LIMIT_ENVELOPE_EVENTS_KEPT * limits->event_max_bytes + 4 * LIMIT_MIB;
}

void
items_release(struct items *p)
{
    tempfile_close(&p->file);
}

static size_t
limit_of(const struct items *p, const struct item_type *type)
{
    if (type->action == ITEM_ATTACHMENT)
        return p->limits.attachment_max_bytes;
    return type->max_bytes == 0 ? p->limits.event_max_bytes : type->max_bytes;
}

static int
too_large(const struct items *p, const struct item_type *type, struct error *e)
{
    return error_set(e, ERROR_TOO_LARGE,
                     "envelope exceeded size limits for type '%s': limit is %zu bytes",
                     type->name, limit_of(p, type));
}

/* Decides where the bytes of an item go; `length` is the announced size (SIZE_MAX:
 * none). */
static enum items_place
place_of(const struct items *p, const struct item_type *type, size_t length)
{
    switch (type->action) {
    case ITEM_COUNTED:
        return ITEMS_IN_NOWHERE;
    case ITEM_ATTACHMENT:
        if (length != SIZE_MAX && length > p->limits.attachment_max_bytes)
            return ITEMS_IN_NOWHERE;
        return length <= SMALL_BYTES - p->small ? ITEMS_IN_MEMORY : ITEMS_IN_FILE;
    case ITEM_EVENT:
    case ITEM_SECURITY:
        return p->refuse_events ? ITEMS_IN_NOWHERE : ITEMS_IN_MEMORY;
    case ITEM_USER_REPORT:
    case ITEM_FEEDBACK:
    case ITEM_SESSION:
    case ITEM_SESSIONS:
    case ITEM_CLIENT_REPORT:
    case ITEM_CHECK_IN:
        break;
    }
    return ITEMS_IN_MEMORY;
}

static int
check_number(struct items *p, const struct item_type *type, struct error *e)
{
    if (++p->items > LIMIT_ENVELOPE_ITEMS)
        return error_set(e, ERROR_TOO_LARGE, "too many items: limit is %u",
                         LIMIT_ENVELOPE_ITEMS);
    if (type->action != ITEM_SESSION && type->action != ITEM_SESSIONS)
        return 0;
    if (++p->sessions > LIMIT_ENVELOPE_SESSIONS)
        return error_set(e, ERROR_TOO_LARGE, "too many sessions: limit is %u",
                         LIMIT_ENVELOPE_SESSIONS);
    return 0;
}

static void
hash_text(struct items *p, struct str text)
{
    uint64_t n = text.n;

    (void)XXH3_128bits_update(&p->hash, &n, sizeof n);
    if (n > 0)
        (void)XXH3_128bits_update(&p->hash, text.p, text.n);
}

int
items_begin(struct items *p, const struct envelope_item *item, struct error *e)
{
    const struct item_type *type = item_type_find(item->type);
    size_t length = item->has_length ? item->length : SIZE_MAX;
    struct collected_item *made = arena_get(p->arena, sizeof *made);

    if (made == NULL)
        return error_no_memory(e);
    if (check_number(p, type, e) != 0)
        return -1;
    if (item->has_length && length > limit_of(p, type) && type->action != ITEM_ATTACHMENT)
        return too_large(p, type, e);
    *made = (struct collected_item){.type = type,
                                    .name = item->type,
                                    .content_type = item->content_type,
                                    .attachment_type = item->attachment_type,
                                    .count = item->count,
                                    .place = place_of(p, type, length)};
    if (utf8_cut(p->arena, item->filename, NAME_MAX_CHARS, &made->filename) != 0 ||
        utf8_cut(p->arena, made->content_type, NAME_MAX_CHARS, &made->content_type) !=
            0 ||
        utf8_cut(p->arena, made->attachment_type, NAME_MAX_CHARS,
                 &made->attachment_type) != 0)
        return error_no_memory(e);
    if (type->action == ITEM_ATTACHMENT && made->place == ITEMS_IN_MEMORY)
        p->small += length;
    made->at = made->place == ITEMS_IN_FILE ? p->file.n : p->body->n;
    if (type->action == ITEM_ATTACHMENT) {
        (void)XXH3_128bits_reset(&p->hash);
        hash_text(p, made->filename);
        hash_text(p, made->attachment_type);
    }
    p->open = made;
    return 0;
}

int
items_add_bytes(struct items *p, const char *bytes, size_t n, struct error *e)
{
    struct collected_item *item = p->open;

    item->n += n;
    if (item->n > limit_of(p, item->type)) {
        if (item->type->action != ITEM_ATTACHMENT)
            return too_large(p, item->type, e);
        item->place = ITEMS_IN_NOWHERE;
    }
    if (item->place == ITEMS_IN_NOWHERE)
        return 0;
    if (item->type->action == ITEM_ATTACHMENT)
        (void)XXH3_128bits_update(&p->hash, bytes, n);
    if (item->place == ITEMS_IN_FILE)
        return tempfile_add(&p->file, p->limits.temp_dir, bytes, n, e);
    if (n > p->body->max - p->body->n)
        return error_set(e, ERROR_TOO_LARGE,
                         "envelope exceeded size limits: limit is %zu bytes",
                         p->body->max);
    buf_add(p->body, bytes, n);
    return p->body->failed ? error_no_memory(e) : 0;
}

void
items_end(struct items *p)
{
    struct collected_item *item = p->open;

    if (item->type->action == ITEM_ATTACHMENT) {
        XXH128_canonical_t canonical;

        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&p->hash));
        (void)memcpy(item->hash.b, canonical.digest, sizeof item->hash.b);
    }
    *p->end = item;
    p->end = &item->next;
    p->open = NULL;
}

int
items_add_text(struct items *p, struct str type, struct str text, struct error *e)
{
    const struct envelope_item item = {
        .type = type, .has_length = true, .length = text.n, .count = 1};

    if (items_begin(p, &item, e) != 0)
        return -1;
    p->open->text = text;
    p->open->n = text.n;
    items_end(p);
    return 0;
}

struct str
items_text(const struct items *p, const struct collected_item *item)
{
    CHECK(item->place == ITEMS_IN_MEMORY);
    if (item->text.p != NULL)
        return item->text;
    return (struct str){p->body->data == NULL ? "" : p->body->data + item->at, item->n};
}

int
items_copy(const struct items *p, const struct collected_item *item, size_t at, size_t n,
           struct buf *out, struct error *e)
{
    char *to;

    if (item->place == ITEMS_IN_MEMORY) {
        buf_add(out, items_text(p, item).p + at, n);
        return out->failed ? error_no_memory(e) : 0;
    }
    to = buf_reserve(out, n);
    if (to == NULL)
        return error_no_memory(e);
    if (tempfile_read(&p->file, item->at + at, to, n, e) != 0)
        return -1;
    out->n += n;
    return 0;
}
