#include "scrub/scrub_keys.h"

#include <string.h>

/* Names of members that have a meaning in events. */
static const struct {
    struct str name;
    enum scrub_mode mode;
    unsigned what;
} known[] = {
    {STR_INIT("function"), SCRUB_CODE, 0},
    {STR_INIT("raw_function"), SCRUB_CODE, 0},
    {STR_INIT("module"), SCRUB_CODE, 0},
    {STR_INIT("filename"), SCRUB_CODE, 0},
    {STR_INIT("abs_path"), SCRUB_CODE, 0},
    {STR_INIT("package"), SCRUB_CODE, 0},
    {STR_INIT("symbol"), SCRUB_CODE, 0},
    {STR_INIT("transaction"), SCRUB_CODE, 0},
    {STR_INIT("culprit"), SCRUB_CODE, 0},
    {STR_INIT("platform"), SCRUB_CODE, 0},
    {STR_INIT("event_id"), SCRUB_CODE, 0},
    {STR_INIT("trace_id"), SCRUB_CODE, 0},
    {STR_INIT("span_id"), SCRUB_CODE, 0},
    {STR_INIT("parent_span_id"), SCRUB_CODE, 0},
    {STR_INIT("timestamp"), SCRUB_CODE, 0},
    {STR_INIT("release"), SCRUB_CODE, 0},
    {STR_INIT("dist"), SCRUB_CODE, 0},
    {STR_INIT("version"), SCRUB_CODE, 0},
    {STR_INIT("instruction_addr"), SCRUB_CODE, 0},
    {STR_INIT("symbol_addr"), SCRUB_CODE, 0},
    {STR_INIT("image_addr"), SCRUB_CODE, 0},
    {STR_INIT("debug_id"), SCRUB_CODE, 0},
    {STR_INIT("code_id"), SCRUB_CODE, 0},
    {STR_INIT("code_file"), SCRUB_CODE, 0},
    {STR_INIT("debug_file"), SCRUB_CODE, 0},
    {STR_INIT("context_line"), SCRUB_SOURCE, 0},
    {STR_INIT("pre_context"), SCRUB_SOURCE, 0},
    {STR_INIT("post_context"), SCRUB_SOURCE, 0},
    {STR_INIT("name"), SCRUB_TEXT, SCRUB_KEY_NAMES},
    {STR_INIT("key"), SCRUB_TEXT, SCRUB_KEY_NAMES},
    {STR_INIT("value"), SCRUB_TEXT, SCRUB_KEY_VALUE},
    {STR_INIT("message"), SCRUB_TEXT, SCRUB_KEY_MESSAGE},
    {STR_INIT("params"), SCRUB_TEXT, SCRUB_KEY_PARAMS},
    {STR_INIT("modules"), SCRUB_TEXT, SCRUB_KEY_MODULES},
    {STR_INIT("_meta"), SCRUB_TEXT, SCRUB_KEY_MODULES},
};

void
scrub_keys_init(struct scrub_keys *k, const struct scrub_names *names, struct str safe)
{
    *k = (struct scrub_keys){.names = names, .safe = safe};
}

static bool
is_safe(const struct scrub_keys *k, struct str name)
{
    struct str rest = k->safe;

    while (rest.p != NULL) {
        struct str safe = str_cut(&rest, ',');

        if (safe.n == name.n && safe.n > 0 && str_eq_nocase(safe, name))
            return true;
    }
    return false;
}

static struct scrub_key
find_out(const struct scrub_keys *k, struct str name, size_t *looked_at)
{
    struct scrub_key key = {scrub_names_find(k->names, name), SCRUB_TEXT};
    struct scrub_scan x;
    struct str cut;

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (known[i].name.n == name.n && str_eq(known[i].name, name)) {
            key.mode = known[i].mode;
            key.what |= known[i].what;
        }
    if (str_eq_nocase(name, STR("user-agent")) ||
        str_eq_nocase(name, STR("http_user_agent")))
        key.what |= SCRUB_KEY_AGENT;
    if (is_safe(k, name))
        key.what |= SCRUB_KEY_SAFE;
    scrub_scan_begin(&x, k->names, name, SCRUB_TEXT, false);
    if (scrub_scan_next(&x, &cut))
        key.what |= SCRUB_KEY_DIRTY;
    *looked_at += x.looked_at + name.n;
    return key;
}

static uint64_t
load8(const char *p)
{
    uint64_t x;

    (void)memcpy(&x, p, sizeof x);
    return x;
}

/* Loads fewer than eight bytes as a number: two halves that may overlap, or three
 * bytes. */
static uint64_t
load_few(struct str name)
{
    const unsigned char *p = (const unsigned char *)name.p;
    uint32_t low, high;

    if (name.n < 4)
        return p[0] | (uint64_t)p[name.n / 2] << 8 | (uint64_t)p[name.n - 1] << 16;
    (void)memcpy(&low, name.p, sizeof low);
    (void)memcpy(&high, name.p + name.n - sizeof high, sizeof high);
    return low | (uint64_t)high << 32;
}

/* Loads the bytes of a name of 1 to 32: from both ends, so that some may be loaded
 * twice. */
static void
load(struct str name, uint64_t out[SCRUB_KEYS_WORDS])
{
    const char *end = name.p + name.n;

    out[1] = out[2] = out[3] = 0;
    if (name.n < 8) {
        out[0] = load_few(name);
        return;
    }
    out[0] = load8(name.p);
    out[1] = load8(end - 8);
    if (name.n <= 16)
        return;
    out[2] = load8(name.p + 8);
    out[3] = load8(end - 16);
}

struct scrub_key
scrub_keys_find(struct scrub_keys *k, struct str name, size_t *looked_at)
{
    uint64_t bytes[SCRUB_KEYS_WORDS], hash;
    struct scrub_keys_slot *slot;
    struct scrub_key key;

    if (name.n == 0 || name.n > sizeof bytes)
        return find_out(k, name, looked_at);
    load(name, bytes);
    hash = (bytes[0] ^ bytes[1] * UINT64_C(0x9e3779b97f4a7c15) ^
            bytes[2] * UINT64_C(0xc2b2ae3d27d4eb4f) ^ bytes[3] ^ name.n) *
           UINT64_C(0xff51afd7ed558ccd);
    slot = &k->slot[hash >> SCRUB_KEYS_SHIFT];
    if (slot->bytes[0] == bytes[0] && slot->bytes[1] == bytes[1] &&
        slot->bytes[2] == bytes[2] && slot->bytes[3] == bytes[3] && slot->n == name.n)
        return (struct scrub_key){slot->what, (enum scrub_mode)slot->mode};
    key = find_out(k, name, looked_at);
    *slot = (struct scrub_keys_slot){{bytes[0], bytes[1], bytes[2], bytes[3]},
                                     key.what,
                                     (uint8_t)key.mode,
                                     (uint8_t)name.n};
    return key;
}
