#include "sentry/items.h"

#include <string.h>

#include "base/limits.h"
#include "event/normal.h"

/* Attachments up to this size together need no file. */
#define SMALL_BYTES (64 * LIMIT_KIB)

#define NAME_MAX_CHARS 255U

void
parcel_init(struct parcel *p, struct arena *arena, struct buf *body,
            const struct parcel_limits *limits)
{
    *p = (struct parcel){.arena = arena, .body = body, .limits = *limits};
    p->file = tempfile_init();
    p->end = &p->first;
    buf_clear(body, SIZE_MAX);
    body->max = LIMIT_ENVELOPE_EVENTS_KEPT * limits->event_max_bytes + 4 * LIMIT_MIB;
}

void
parcel_release(struct parcel *p)
{
    tempfile_close(&p->file);
}

static size_t
limit_of(const struct parcel *p, const struct items_type *type)
{
    if (type->action == ITEMS_ATTACHMENT)
        return p->limits.attachment_max_bytes;
    return type->max_bytes == 0 ? p->limits.event_max_bytes : type->max_bytes;
}

static int
too_large(const struct parcel *p, const struct items_type *type, struct error *e)
{
    return error_set(e, ERROR_TOO_LARGE,
                     "envelope exceeded size limits for type '%s': limit is %zu bytes",
                     type->name, limit_of(p, type));
}

/* Where the bytes of an item go, of which `length` are announced (SIZE_MAX: none). */
static enum parcel_place
place_of(const struct parcel *p, const struct items_type *type, size_t length)
{
    switch (type->action) {
    case ITEMS_COUNT:
        return PARCEL_NOWHERE;
    case ITEMS_ATTACHMENT:
        if (length != SIZE_MAX && length > p->limits.attachment_max_bytes)
            return PARCEL_NOWHERE;
        return length <= SMALL_BYTES - p->small ? PARCEL_MEMORY : PARCEL_FILE;
    case ITEMS_EVENT:
    case ITEMS_SECURITY:
        return p->refuse_events ? PARCEL_NOWHERE : PARCEL_MEMORY;
    case ITEMS_USER_REPORT:
    case ITEMS_FEEDBACK:
    case ITEMS_SESSION:
    case ITEMS_SESSIONS:
    case ITEMS_CLIENT_REPORT:
        break;
    }
    return PARCEL_MEMORY;
}

static int
check_number(struct parcel *p, const struct items_type *type, struct error *e)
{
    if (++p->items > LIMIT_ENVELOPE_ITEMS)
        return error_set(e, ERROR_TOO_LARGE, "too many items: limit is %u",
                         LIMIT_ENVELOPE_ITEMS);
    if (type->action != ITEMS_SESSION && type->action != ITEMS_SESSIONS)
        return 0;
    if (++p->sessions > LIMIT_ENVELOPE_SESSIONS)
        return error_set(e, ERROR_TOO_LARGE, "too many sessions: limit is %u",
                         LIMIT_ENVELOPE_SESSIONS);
    return 0;
}

static void
hash_text(struct parcel *p, struct str text)
{
    uint64_t n = text.n;

    (void)XXH3_128bits_update(&p->hash, &n, sizeof n);
    if (n > 0)
        (void)XXH3_128bits_update(&p->hash, text.p, text.n);
}

int
parcel_item(struct parcel *p, const struct envelope_item *item, struct error *e)
{
    const struct items_type *type = items_find(item->type);
    size_t length = item->has_length ? item->length : SIZE_MAX;
    struct parcel_item *made = arena_get(p->arena, sizeof *made);

    if (made == NULL)
        return error_no_memory(e);
    if (check_number(p, type, e) != 0)
        return -1;
    if (item->has_length && length > limit_of(p, type) &&
        type->action != ITEMS_ATTACHMENT)
        return too_large(p, type, e);
    *made = (struct parcel_item){.type = type,
                                 .name = item->type,
                                 .content_type = item->content_type,
                                 .attachment_type = item->attachment_type,
                                 .count = item->count,
                                 .place = place_of(p, type, length)};
    if (normal_cut(p->arena, item->filename, NAME_MAX_CHARS, &made->filename) != 0 ||
        normal_cut(p->arena, made->content_type, NAME_MAX_CHARS, &made->content_type) !=
            0 ||
        normal_cut(p->arena, made->attachment_type, NAME_MAX_CHARS,
                   &made->attachment_type) != 0)
        return error_no_memory(e);
    if (type->action == ITEMS_ATTACHMENT && made->place == PARCEL_MEMORY)
        p->small += length;
    made->at = made->place == PARCEL_FILE ? p->file.n : p->body->n;
    if (type->action == ITEMS_ATTACHMENT) {
        (void)XXH3_128bits_reset(&p->hash);
        hash_text(p, made->filename);
        hash_text(p, made->attachment_type);
    }
    p->open = made;
    return 0;
}

int
parcel_bytes(struct parcel *p, const char *bytes, size_t n, struct error *e)
{
    struct parcel_item *item = p->open;

    item->n += n;
    if (item->n > limit_of(p, item->type)) {
        if (item->type->action != ITEMS_ATTACHMENT)
            return too_large(p, item->type, e);
        item->place = PARCEL_NOWHERE;
    }
    if (item->place == PARCEL_NOWHERE)
        return 0;
    if (item->type->action == ITEMS_ATTACHMENT)
        (void)XXH3_128bits_update(&p->hash, bytes, n);
    if (item->place == PARCEL_FILE)
        return tempfile_add(&p->file, p->limits.temp_dir, bytes, n, e);
    if (n > p->body->max - p->body->n)
        return error_set(e, ERROR_TOO_LARGE,
                         "envelope exceeded size limits: limit is %zu bytes",
                         p->body->max);
    buf_add(p->body, bytes, n);
    return p->body->failed ? error_no_memory(e) : 0;
}

void
parcel_item_end(struct parcel *p)
{
    struct parcel_item *item = p->open;

    if (item->type->action == ITEMS_ATTACHMENT) {
        XXH128_canonical_t canonical;

        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&p->hash));
        (void)memcpy(item->hash.b, canonical.digest, sizeof item->hash.b);
    }
    *p->end = item;
    p->end = &item->next;
    p->open = NULL;
}

int
parcel_text_item(struct parcel *p, struct str type, struct str text, struct error *e)
{
    const struct envelope_item item = {
        .type = type, .has_length = true, .length = text.n, .count = 1};

    if (parcel_item(p, &item, e) != 0)
        return -1;
    p->open->text = text;
    p->open->n = text.n;
    parcel_item_end(p);
    return 0;
}

struct str
parcel_text(const struct parcel *p, const struct parcel_item *item)
{
    CHECK(item->place == PARCEL_MEMORY);
    if (item->text.p != NULL)
        return item->text;
    return (struct str){p->body->data == NULL ? "" : p->body->data + item->at, item->n};
}

int
parcel_copy(const struct parcel *p, const struct parcel_item *item, size_t at, size_t n,
            struct buf *out, struct error *e)
{
    char *to;

    if (item->place == PARCEL_MEMORY) {
        buf_add(out, parcel_text(p, item).p + at, n);
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
