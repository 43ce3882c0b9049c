#include "wire/pack.h"

#include <stdlib.h>
#include <zstd.h>

#include "base/limits.h"

#define KEEP_BYTES (512 * LIMIT_KIB)

struct pack {
    ZSTD_CCtx *zstd;
    int level;
};

struct pack *
pack_new(int level)
{
    struct pack *p = malloc(sizeof *p);

    if (p == NULL)
        return NULL;
    *p = (struct pack){ZSTD_createCCtx(), level};
    if (p->zstd == NULL) {
        free(p);
        return NULL;
    }
    return p;
}

void
pack_free(struct pack *p)
{
    if (p == NULL)
        return;
    (void)ZSTD_freeCCtx(p->zstd);
    free(p);
}

/* RFC 8878, 3.1.1: magic number, a frame header with the single-segment flag and one byte
 * of content size, and one block that is the last and raw. */
static void
add_raw(struct str bytes, struct buf *out)
{
    uint32_t block = (uint32_t)bytes.n << 3 | 1;

    buf_add(out, "\x28\xb5\x2f\xfd\x20", 5);
    buf_add_u8(out, (uint8_t)bytes.n);
    buf_add_u8(out, (uint8_t)(block & 0xffU));
    buf_add_u8(out, (uint8_t)(block >> 8 & 0xffU));
    buf_add_u8(out, (uint8_t)(block >> 16));
    buf_add_str(out, bytes);
}

/* One large payload must not leave its window in a process that lives for weeks. */
static int
slim(struct pack *p)
{
    if (ZSTD_sizeof_CCtx(p->zstd) <= KEEP_BYTES)
        return 0;
    (void)ZSTD_freeCCtx(p->zstd);
    p->zstd = ZSTD_createCCtx();
    return p->zstd == NULL ? -1 : 0;
}

int
pack_add(struct pack *p, struct str bytes, struct buf *out)
{
    size_t room = ZSTD_compressBound(bytes.n), n;
    char *to;

    if (bytes.n <= PACK_RAW_BYTES) {
        add_raw(bytes, out);
        return out->failed ? -1 : 0;
    }
    to = buf_reserve(out, room);
    if (to == NULL || p->zstd == NULL)
        return -1;
    n = ZSTD_compressCCtx(p->zstd, to, room, bytes.p, bytes.n, p->level);
    if (ZSTD_isError(n))
        return -1;
    out->n += n;
    return slim(p);
}

int
pack_open(struct str frame, size_t max, struct buf *out)
{
    unsigned long long size = ZSTD_getFrameContentSize(frame.p, frame.n);
    char *to = size > max ? NULL : buf_reserve(out, (size_t)size);

    if (to == NULL || ZSTD_decompress(to, (size_t)size, frame.p, frame.n) != size)
        return -1;
    out->n += (size_t)size;
    return 0;
}
