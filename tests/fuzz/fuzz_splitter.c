/*
 * fuzz_splitter: any bytes as what websocketd writes; the first one chooses the limit,
 * the next ones the sizes of the pieces.
 *
 * The pieces make no difference: each byte alone gives the same messages, up to the first
 * one that is too large (where its rest has an error, the pieces decide what is told
 * first).  No message is over the limit, no more than the limit is kept, and the end
 * comes.
 */
#include "fuzz.h"
#include "json/splitter.h"

#define MAX_BYTES ((size_t)8192)
#define SIZES ((size_t)4)

struct results {
    struct buf text;   /* each message, and a word for each bad one */
    size_t sure_bytes; /* of text: up to the first message that is too large */
    bool too_large;
};

static void
add(struct results *out, const struct splitter *s, struct str message)
{
    CHECK(message.n > 0 && message.n <= s->limit);
    buf_add_be32(&out->text, (uint32_t)message.n);
    buf_add_str(&out->text, message);
}

static void
add_bad(struct results *out, const struct error *e)
{
    CHECK(e->kind == ERROR_MALFORMED || e->kind == ERROR_TOO_LARGE);
    CHECK(e->text[0] != '\0');
    if (e->kind == ERROR_TOO_LARGE && !out->too_large) {
        out->too_large = true;
        out->sure_bytes = out->text.n;
    }
    buf_add_be32(&out->text, 0);
    buf_add_text(&out->text, e->text);
}

/* Takes all that is whole. */
static void
drain(struct splitter *s, struct results *out)
{
    for (;;) {
        struct str message;
        struct error e;

        switch (splitter_next(s, &message, &e)) {
        case SPLITTER_MORE:
            /* Two bytes may be the beginning of a byte order mark. */
            CHECK(s->in.n - s->taken <= (s->limit < 2 ? 2 : s->limit));
            return;
        case SPLITTER_MESSAGE:
            add(out, s, message);
            break;
        case SPLITTER_BAD:
            add_bad(out, &e);
        }
    }
}

static struct results
split(struct str text, size_t limit, const uint8_t sizes[SIZES])
{
    struct results out = {.text = buf_init((size_t)64 << 20)};
    struct splitter s;

    splitter_init(&s, limit);
    for (size_t at = 0, i = 0; at < text.n; i++) {
        size_t n = 1U + sizes[i % SIZES];

        n = text.n - at < n ? text.n - at : n;
        CHECK(splitter_add(&s, text.p + at, n) == 0);
        drain(&s, &out);
        at += n;
    }
    for (size_t i = 0; splitter_is_open(&s); i++) {
        struct error e;

        CHECK(i <= text.n);
        splitter_give_up(&s, &e);
        add_bad(&out, &e);
        drain(&s, &out);
    }
    CHECK(!out.text.failed);
    if (!out.too_large)
        out.sure_bytes = out.text.n;
    splitter_release(&s);
    return out;
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    static const uint8_t ones[SIZES] = {0};
    struct results alone, pieces;
    struct str text;
    size_t limit;

    if (size <= 1 + SIZES || size > MAX_BYTES)
        return 0;
    text = (struct str){(const char *)data + 1 + SIZES, size - 1 - SIZES};
    limit = data[0] < 128 ? 1U + data[0] : MAX_BYTES;
    alone = split(text, limit, ones);
    pieces = split(text, limit, data + 1);
    CHECK(alone.too_large ||
          (!pieces.too_large && pieces.sure_bytes == alone.sure_bytes));
    CHECK(pieces.text.n >= alone.sure_bytes);
    CHECK(str_eq((struct str){pieces.text.data, alone.sure_bytes},
                 (struct str){alone.text.data, alone.sure_bytes}));
    buf_release(&alone.text);
    buf_release(&pieces.text);
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
