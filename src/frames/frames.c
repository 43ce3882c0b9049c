#include "frames/frames.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/budget.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "frames/decide.h"
#include "frames/place.h"
#include "json/json.h"

static bool
is_true(struct str value)
{
    return value.p != NULL && scan_type(value) == SCAN_TRUE;
}

/* A frame without a name: its library and the offset within it, "app+0x1f2". */
static int
read_address(struct frames *all, struct stackframe *f, struct error *e)
{
    uint64_t address, base;
    const struct image *image;
    struct str base_name = place_base(f->package);
    char *p;
    int n;

    if (!images_address(f->sent.field[TRACE_INSTRUCTION_ADDR], &address))
        return 0;
    image = images_find(&all->images, address);
    if (!images_address(f->sent.field[TRACE_IMAGE_ADDR], &base)) {
        if (image == NULL)
            return 0;
        base = image->from;
    }
    if (f->package.p == NULL && image != NULL)
        base_name = image->file;
    if (base_name.p == NULL || address < base)
        return 0;
    p = arena_get(all->a, base_name.n + 32);
    if (p == NULL)
        return error_no_memory(e);
    if (base_name.n > 0)
        (void)memcpy(p, base_name.p, base_name.n);
    n = snprintf(p + base_name.n, 32, "+0x%llx", (unsigned long long)(address - base));
    f->name.full = f->name.counts = (struct str){p, base_name.n + (size_t)n};
    if (f->package.p == NULL)
        f->package = base_name;
    return 0;
}

/* .NET's SDK puts the whole signature into the function in one of its modes. */
static void
split_dotnet(struct stackframe *f)
{
    const struct str full = f->name.full;

    if (f->language != LANGUAGE_DOTNET || f->module.p != NULL || full.p == NULL)
        return;
    for (size_t i = full.n; i > 1; i--)
        if (full.p[i - 1] == '.') {
            f->module = (struct str){full.p, i - 1};
            f->name.full = f->name.counts = (struct str){full.p + i, full.n - i};
            return;
        }
}

/* SDKs and crash reporters send "native" for Rust, too: its runtime's names give it
 * away. */
static bool
is_rust(struct str function)
{
    static const struct str heads[] = {STR_INIT("core::"),
                                       STR_INIT("alloc::"),
                                       STR_INIT("<core::"),
                                       STR_INIT("<alloc::"),
                                       STR_INIT("std::rt::"),
                                       STR_INIT("std::panic"),
                                       STR_INIT("rust_begin_unwind"),
                                       STR_INIT("__rust_")};

    for (size_t i = 0; i < COUNT_OF(heads); i++)
        if (str_starts(function, heads[i]))
            return true;
    return function.n > 0 && memmem(function.p, function.n, "{{closure}}", 11) != NULL;
}

/* Reads the names of frames again as Rust's. */
static int
rename_rust(struct frames *all, const struct stack *s, struct error *e)
{
    for (size_t i = 0; i < s->count; i++) {
        struct stackframe *f = &s->frame[i];

        if (f->language != LANGUAGE_NATIVE || f->function.p == NULL)
            continue;
        f->language = LANGUAGE_RUST;
        if (name_function(all->a, f->language, f->function, f->module, &f->name, e) != 0)
            return -1;
    }
    return 0;
}

static int
rename_all(struct frames *all, struct error *e)
{
    all->language = LANGUAGE_RUST;
    for (size_t i = 0; i < all->exception_count; i++)
        if (rename_rust(all, &all->exceptions[i].stack, e) != 0)
            return -1;
    return rename_rust(all, &all->thread, e) != 0 || rename_rust(all, &all->own, e) != 0
               ? -1
               : 0;
}

static int
read_frame(struct frames *all, struct str object, struct stackframe *f, struct error *e)
{
    struct arena *a = all->a;
    struct str platform, raw, name;

    *f = (struct stackframe){.object = object, .language = all->language};
    if (trace_frame(a, object, &f->sent, e) != 0 ||
        trace_text(a, f->sent.field[TRACE_FRAME_PLATFORM], &platform, e) != 0 ||
        trace_text(a, f->sent.field[TRACE_FUNCTION], &f->function, e) != 0 ||
        trace_text(a, f->sent.field[TRACE_RAW_FUNCTION], &raw, e) != 0 ||
        trace_text(a, f->sent.field[TRACE_FRAME_MODULE], &f->module, e) != 0 ||
        trace_text(a, f->sent.field[TRACE_FILENAME], &f->file, e) != 0 ||
        trace_text(a, f->sent.field[TRACE_ABS_PATH], &f->path, e) != 0 ||
        trace_text(a, f->sent.field[TRACE_PACKAGE], &f->package, e) != 0)
        return -1;
    if (f->path.p == NULL)
        f->path = f->file;
    if (f->file.p == NULL)
        f->file = f->path;
    f->language = language_of_frame(all->language, platform, f->file);
    name = f->language == LANGUAGE_DOTNET && raw.p != NULL ? raw : f->function;
    if (name_function(a, f->language, name, f->module, &f->name, e) != 0)
        return -1;
    split_dotnet(f);
    all->saw_rust =
        all->saw_rust || (f->language == LANGUAGE_NATIVE && is_rust(f->function));
    if (!language_is_compiled(f->language) || f->name.full.p != NULL)
        return 0;
    if (!all->has_images && f->sent.field[TRACE_INSTRUCTION_ADDR].p != NULL) {
        all->has_images = true;
        if (images_read(a, all->debug_meta, &all->images, e) != 0)
            return -1;
    }
    return read_address(all, f, e);
}

static size_t
count_objects(struct str list)
{
    struct trace_walk w = trace_begin(list);
    struct str object;
    size_t n = 0;

    while (trace_next(&w, &object))
        n++;
    return n;
}

static int
read_stack(struct frames *all, struct str stacktrace, struct stack *out, struct error *e)
{
    struct str frames, object;
    struct trace_walk w;
    size_t count, room, skip_from, skip_to, i = 0;

    *out = (struct stack){.count = 0};
    if (trace_frames(all->a, stacktrace, &frames, e) != 0)
        return -1;
    count = count_objects(frames);
    room = count < FRAMES_OF_STACK ? count : FRAMES_OF_STACK;
    /* cppcheck-suppress knownConditionTrueFalse */
    if (room > all->left)
        room = all->left;
    /* cppcheck-suppress knownConditionTrueFalse */
    if (room == 0)
        return 0;
    out->frame = arena_array(all->a, room, sizeof *out->frame);
    if (out->frame == NULL)
        return error_no_memory(e);
    out->is_short = room < count;
    skip_from = out->is_short ? room / 2 : count;
    skip_to = count - (room - (out->is_short ? room / 2 : room));
    all->left -= room;
    for (w = trace_begin(frames); trace_next(&w, &object) && budget_left(); i++) {
        if (i >= skip_from && i < skip_to)
            continue;
        if (out->count < room && read_frame(all, object, &out->frame[out->count], e) != 0)
            return -1;
        out->count++;
    }
    if (out->count > room)
        out->count = room;
    return 0;
}

static bool
number(struct str value, int64_t *out)
{
    return value.p != NULL && scan_type(value) == SCAN_NUMBER &&
           num_parse(value, 0, INT32_MAX, out) == 0;
}

/* Apple's errors have a domain and a code, which say more than the text. */
static int
read_ns_error(struct arena *a, struct str meta, struct thrown *x, struct error *e)
{
    static const struct str error_name = STR_INIT("ns_error");
    static const struct str names[2] = {STR_INIT("domain"), STR_INIT("code")};
    struct str error = STR_NONE, values[2];

    if (meta.p == NULL || scan_type(meta) != SCAN_OBJECT)
        return 0;
    if (json_pick(a, meta, &error_name, 1, &error, e) != 0)
        return -1;
    if (error.p == NULL || scan_type(error) != SCAN_OBJECT)
        return 0;
    if (json_pick(a, error, names, 2, values, e) != 0)
        return -1;
    return json_scalar(a, values[0], &x->domain, e) != 0 ||
                   json_scalar(a, values[1], &x->code, e) != 0
               ? -1
               : 0;
}

static int
read_mechanism(struct arena *a, struct thrown *x, struct error *e)
{
    enum { TYPE, SYNTHETIC, ID, PARENT, GROUP, META, N };
    static const struct str names[N] = {
        STR_INIT("type"),      STR_INIT("synthetic"),          STR_INIT("exception_id"),
        STR_INIT("parent_id"), STR_INIT("is_exception_group"), STR_INIT("meta")};
    struct str values[N];

    if (x->mechanism.p == NULL || scan_type(x->mechanism) != SCAN_OBJECT)
        return 0;
    if (json_pick(a, x->mechanism, names, N, values, e) != 0 ||
        json_scalar(a, values[TYPE], &x->how, e) != 0)
        return -1;
    x->synthetic = is_true(values[SYNTHETIC]);
    x->is_group = is_true(values[GROUP]);
    x->has_id = number(values[ID], &x->id);
    x->has_parent = number(values[PARENT], &x->parent);
    return read_ns_error(a, values[META], x, e);
}

/* "Type: text" from clients with one field for both. */
static void
split_value(struct thrown *x)
{
    size_t n = 0;

    while (n < x->value.n &&
           (ascii_is_word(x->value.p[n]) || x->value.p[n] == '.' || x->value.p[n] == '$'))
        n++;
    if (n == 0 || x->value.n - n < 2 || memcmp(x->value.p + n, ": ", 2) != 0)
        return;
    x->type = (struct str){x->value.p, n};
    x->value = trace_or_absent((struct str){x->value.p + n + 2, x->value.n - n - 2});
}

static int
read_exception(struct frames *all, struct str object, struct thrown *x, struct error *e)
{
    struct trace_exception from;

    *x = (struct thrown){.object = object};
    if (trace_exception(all->a, object, &from, e) != 0 ||
        trace_type(all->a, &from, &x->type, &x->value, e) != 0)
        return -1;
    x->mechanism = from.field[TRACE_MECHANISM];
    if (read_mechanism(all->a, x, e) != 0)
        return -1;
    if (x->type.p == NULL && !x->synthetic)
        split_value(x);
    return read_stack(all, from.field[TRACE_STACKTRACE], &x->stack, e);
}

static int
read_exceptions(struct frames *all, struct str list, struct error *e)
{
    struct trace_walk w = trace_begin(list);
    size_t count = count_objects(list), skip;
    struct str object;

    skip = count > FRAMES_EXCEPTIONS ? count - FRAMES_EXCEPTIONS : 0;
    if (count == 0)
        return 0;
    all->exceptions = arena_array(all->a, count - skip, sizeof *all->exceptions);
    if (all->exceptions == NULL)
        return error_no_memory(e);
    for (size_t i = 0; trace_next(&w, &object) && i < count && budget_left(); i++)
        if (i >= skip &&
            read_exception(all, object, &all->exceptions[all->exception_count++], e) != 0)
            return -1;
    return 0;
}

/* The threads of an event: their number, and the stack of the last one. */
struct seen_threads {
    size_t count;
    struct str stacktrace;
};

/* The only thread that crashed, else the only current one, else the only one. */
static int
read_threads(struct frames *all, struct str threads, struct error *e)
{
    struct seen_threads crashed = {0, STR_NONE}, current = crashed, any = crashed;
    struct trace_walk walk = trace_begin(threads);
    const struct seen_threads *chosen;
    struct str object;

    while (trace_next(&walk, &object)) {
        struct trace_thread t;
        struct seen_threads *of[] = {&any, NULL, NULL};

        if (trace_thread(all->a, object, &t, e) != 0)
            return -1;
        of[1] = is_true(t.field[TRACE_CRASHED]) ? &crashed : NULL;
        of[2] = is_true(t.field[TRACE_CURRENT]) ? &current : NULL;
        for (size_t i = 0; i < COUNT_OF(of); i++)
            if (of[i] != NULL) {
                of[i]->count++;
                of[i]->stacktrace = t.field[TRACE_THREAD_STACKTRACE];
            }
    }
    chosen = crashed.count == 1 ? &crashed : current.count == 1 ? &current : &any;
    if (chosen->count != 1)
        return 0;
    all->thread_crashed = chosen == &crashed;
    return read_stack(all, chosen->stacktrace, &all->thread, e);
}

static int
read_language(struct frames *all, const struct frames_source *from, struct error *e)
{
    static const struct str name = STR_INIT("name");
    struct str value = STR_NONE, sdk;

    if (from->sdk.p != NULL && scan_type(from->sdk) == SCAN_OBJECT &&
        json_pick(all->a, from->sdk, &name, 1, &value, e) != 0)
        return -1;
    if (json_scalar(all->a, value, &sdk, e) != 0)
        return -1;
    all->language = language_of_event(from->trace->platform, sdk);
    return 0;
}

int
frames_read(struct arena *a, const struct frames_source *from, struct frames **out,
            struct error *e)
{
    struct frames *all = arena_array(a, 1, sizeof *all);

    if (all == NULL)
        return error_no_memory(e);
    all->a = a;
    if (read_language(all, from, e) != 0)
        return -1;
    all->debug_meta = from->debug_meta;
    all->left = FRAMES_OF_EVENT;
    budget_doing("reading stack traces");
    if (read_exceptions(all, from->trace->exceptions, e) != 0 ||
        read_threads(all, from->trace->threads, e) != 0 ||
        read_stack(all, from->trace->stacktrace, &all->own, e) != 0)
        return -1;
    /* As Relay does: the stack of an event is that of its only exception. */
    if (all->exception_count == 1 && all->exceptions[0].stack.count == 0) {
        all->exceptions[0].stack = all->own;
        all->own = (struct stack){.count = 0};
    }
    if (all->saw_rust && all->language == LANGUAGE_NATIVE && rename_all(all, e) != 0)
        return -1;
    if (decide_owners(all, from, e) != 0)
        return -1;
    *out = all;
    return 0;
}

static bool
is_path_of(struct str path, struct str module)
{
    return module.n <= path.n && memchr(module.p, '/', module.n) != NULL &&
           memcmp(path.p + path.n - module.n, module.p, module.n) == 0;
}

/* A Python program is module "__main__" when it is run, and "app" when it is imported. */
static struct str
stem(struct str file)
{
    return file.n > 3 && memcmp(file.p + file.n - 3, ".py", 3) == 0
               ? (struct str){file.p, file.n - 3}
               : file;
}

int
frames_place(struct frames *all, const struct stackframe *f, struct str *out,
             bool *is_file, struct error *e)
{
    bool script = f->language == LANGUAGE_JAVASCRIPT;

    *is_file = false;
    *out = STR_NONE;
    if (str_eq(f->module, STR("__main__")) && f->file.p != NULL) {
        *out = stem(place_base(f->file));
        return 0;
    }
    if (f->module.p != NULL && !(script && is_path_of(f->path, f->module)) &&
        place_module(all->a, f->language, f->module, out, e) != 0)
        return -1;
    if (out->n > 0)
        return 0;
    *is_file = true;
    *out = STR_NONE;
    if (f->file.p == NULL || str_eq(f->file, STR("<anonymous>")) ||
        str_eq(f->file, STR("[native code]")))
        return 0;
    if (place_file(all->a, f->language, f->file, out, e) != 0)
        return -1;
    if (out->n == 0)
        *out = STR_NONE;
    return 0;
}

static bool
has_lines(enum language l)
{
    return l == LANGUAGE_JAVASCRIPT || l == LANGUAGE_PYTHON || l == LANGUAGE_PHP ||
           l == LANGUAGE_RUBY;
}

int
frames_line(struct frames *all, const struct stackframe *f, struct str *out,
            struct error *e)
{
    struct str text;
    char *p, *at;

    *out = STR_NONE;
    if (!has_lines(f->language) && !f->name.is_closure)
        return 0;
    if (trace_text(all->a, f->sent.field[TRACE_CONTEXT_LINE], &text, e) != 0)
        return -1;
    if (text.p == NULL)
        return 0;
    p = at = arena_get(all->a, text.n);
    if (p == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < text.n; i++) {
        if (!ascii_is_blank(text.p[i]))
            *at++ = text.p[i];
        else if (at > p && at[-1] != ' ')
            *at++ = ' ';
    }
    if (at > p && at[-1] == ' ')
        at--;
    text = (struct str){p, (size_t)(at - p)};
    if (text.n > 0 && utf8_head(text, LIMIT_CONTEXT_LINE_CHARS).n == text.n)
        *out = text;
    return 0;
}

const struct stackframe *
frames_newest_own(const struct stack *s)
{
    const struct stackframe *found = NULL;

    for (size_t i = s->count; i > 0; i--) {
        const struct stackframe *f = &s->frame[i - 1];

        if (!frames_is_own(f))
            continue;
        if (f->name.full.p != NULL)
            return f;
        if (found == NULL)
            found = f;
    }
    return found;
}
