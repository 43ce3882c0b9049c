#include "grouping_v2/stackframe.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "grouping_v2/function.h"
#include "grouping_v2/ownership.h"
#include "grouping_v2/place.h"
#include "json/json.h"

/* The texts of a frame, decoded. */
struct texts {
    enum family family;
    struct str function, raw_function, module, file, path, package;
};

static int
read_texts(const struct stackframes *all, const struct v2_trace_frame *from,
           struct texts *t, struct error *e)
{
    struct arena *a = all->a;
    struct str platform;

    if (v2_trace_text(a, from->field[V2_TRACE_FRAME_PLATFORM], &platform, e) != 0 ||
        v2_trace_text(a, from->field[V2_TRACE_FUNCTION], &t->function, e) != 0 ||
        v2_trace_text(a, from->field[V2_TRACE_RAW_FUNCTION], &t->raw_function, e) != 0 ||
        v2_trace_text(a, from->field[V2_TRACE_FRAME_MODULE], &t->module, e) != 0 ||
        v2_trace_text(a, from->field[V2_TRACE_FILENAME], &t->file, e) != 0 ||
        v2_trace_text(a, from->field[V2_TRACE_ABS_PATH], &t->path, e) != 0 ||
        v2_trace_text(a, from->field[V2_TRACE_PACKAGE], &t->package, e) != 0)
        return -1;
    t->family = platform.p == NULL ? all->family : v2_family_of(platform);
    if (t->path.p == NULL)
        t->path = t->file;
    if (t->file.p == NULL)
        t->file = t->path;
    return 0;
}

static int
clean_function(const struct stackframes *all, const struct texts *t, struct str *out,
               struct error *e)
{
    struct str name = t->function;

    *out = STR_NONE;
    if (t->family == FAMILY_CSHARP && t->raw_function.p != NULL)
        name = t->raw_function;
    if (name.p == NULL)
        return 0;
    return v2_function_clean(all->a, t->family, name, out, e);
}

static bool
is_path_of(struct str path, struct str module)
{
    return module.n <= path.n && memchr(module.p, '/', module.n) != NULL &&
           memcmp(path.p + path.n - module.n, module.p, module.n) == 0;
}

static int
read_place(const struct stackframes *all, const struct texts *t,
           struct v2_stackframe *out, struct error *e)
{
    bool script = t->family == FAMILY_JAVASCRIPT;

    if (t->module.p != NULL && !(script && is_path_of(t->path, t->module)) &&
        v2_place_module(all->a, t->family, t->module, &out->module, e) != 0)
        return -1;
    if (out->module.n > 0)
        return 0;
    out->module = STR_NONE;
    if (t->file.p == NULL || v2_place_is_url(t->path) ||
        str_eq(t->file, STR("<anonymous>")) || str_eq(t->file, STR("[native code]")))
        return 0;
    if (v2_place_file(all->a, t->family, t->file, &out->file, e) != 0)
        return -1;
    if (out->file.n == 0)
        out->file = STR_NONE;
    return 0;
}

/* Replaces each run of white space in the line by one blank; absent when it is longer
 * than handwritten code. */
static int
read_line(const struct stackframes *all, const struct v2_trace_frame *from,
          struct v2_stackframe *out, struct error *e)
{
    struct str text;
    char *p, *at;

    if (v2_trace_text(all->a, from->field[V2_TRACE_CONTEXT_LINE], &text, e) != 0)
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
        out->line = text;
    return 0;
}

static bool
has_lines(enum family family)
{
    return family == FAMILY_JAVASCRIPT || family == FAMILY_PYTHON ||
           family == FAMILY_PHP || family == FAMILY_RUBY;
}

/* If a source map was used, the source line says more than a name that may come from the
 * minifier. */
static int
drop_mapped(const struct stackframes *all, const struct v2_trace_frame *from,
            struct v2_stackframe *out, struct error *e)
{
    static const struct str name = STR_INIT("sourcemap");
    struct str data = from->field[V2_TRACE_DATA], map = STR_NONE;

    if (out->line.p == NULL || data.p == NULL || scan_type(data) != SCAN_OBJECT)
        return 0;
    if (json_pick(all->a, data, &name, 1, &map, e) != 0)
        return -1;
    if (map.p != NULL)
        out->function = STR_NONE;
    return 0;
}

static bool
is_evaluated(const struct texts *t)
{
    static const struct str paths[] = {STR_INIT("[native code]"), STR_INIT("native code"),
                                       STR_INIT("eval code"), STR_INIT("<anonymous>")};

    for (size_t i = 0; i < COUNT_OF(paths); i++)
        if (str_eq(t->path, paths[i]))
            return true;
    return str_eq(t->function, STR("eval"));
}

/* A frame without a name: its library and the offset within it. */
static int
read_address(const struct stackframes *all, const struct v2_trace_frame *from,
             const struct texts *t, struct v2_stackframe *out, struct error *e)
{
    uint64_t address, base;
    const struct v2_image *image;
    struct str base_name = v2_place_base(t->package);
    char *p;
    int n;

    if (!v2_images_address(from->field[V2_TRACE_INSTRUCTION_ADDR], &address))
        return 0;
    image = v2_images_find(&all->images, address);
    if (!v2_images_address(from->field[V2_TRACE_IMAGE_ADDR], &base)) {
        if (image == NULL)
            return 0;
        base = image->from;
    }
    if (t->package.p == NULL && image != NULL)
        base_name = image->file;
    if (base_name.p == NULL || address < base)
        return 0;
    p = arena_get(all->a, base_name.n + 32);
    if (p == NULL)
        return error_no_memory(e);
    if (base_name.n > 0)
        (void)memcpy(p, base_name.p, base_name.n);
    n = snprintf(p + base_name.n, 32, "+0x%llx", (unsigned long long)(address - base));
    out->function = (struct str){p, base_name.n + (size_t)n};
    return 0;
}

int
v2_stackframe_prepare(struct stackframes *all, const struct v2_trace_frame *from,
                      struct error *e)
{
    if (all->has_images || from->field[V2_TRACE_INSTRUCTION_ADDR].p == NULL)
        return 0;
    all->has_images = true;
    return v2_images_read(all->a, all->debug_meta, &all->images, e);
}

int
v2_stackframe_read(struct stackframes *all, const struct v2_trace_frame *from,
                   struct v2_stackframe *out, struct error *e)
{
    struct str in_app = from->field[V2_TRACE_IN_APP];
    struct ownership owner;
    struct texts t;

    *out = (struct v2_stackframe){.in_app =
                                      in_app.p != NULL && scan_type(in_app) == SCAN_TRUE};
    if (read_texts(all, from, &t, e) != 0 ||
        clean_function(all, &t, &out->function, e) != 0 ||
        read_place(all, &t, out, e) != 0)
        return -1;
    /* SDKs that shortened the name also send the original. */
    if (t.family == FAMILY_NATIVE && t.raw_function.p != NULL && out->function.p != NULL)
        out->function = t.function;
    owner = (struct ownership){.family = t.family,
                               .module = t.module,
                               .function =
                                   t.family == FAMILY_NATIVE ? out->function : t.function,
                               .path = t.path,
                               .package = t.package};
    out->in_app = out->in_app && !v2_ownership_is_foreign(&owner);
    out->noise = v2_ownership_is_noise(&owner) ||
                 (t.family == FAMILY_JAVASCRIPT && is_evaluated(&t));
    out->raises = v2_ownership_raises(&owner);
    out->is_url =
        t.family == FAMILY_JAVASCRIPT && t.function.p == NULL && v2_place_is_url(t.path);
    if (has_lines(t.family) && read_line(all, from, out, e) != 0)
        return -1;
    if (t.family == FAMILY_JAVASCRIPT)
        return drop_mapped(all, from, out, e);
    if (t.family == FAMILY_NATIVE && v2_stackframe_is_empty(out))
        return read_address(all, from, &t, out, e);
    return 0;
}

bool
v2_stackframe_is_empty(const struct v2_stackframe *f)
{
    return f->module.p == NULL && f->file.p == NULL && f->function.p == NULL &&
           f->line.p == NULL;
}
