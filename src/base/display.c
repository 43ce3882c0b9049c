#include "base/display.h"

#include <locale.h>
#include <stdint.h>
#include <wchar.h>

#include "base/utf8.h"

/* Marks per letter: more of them are not text but an attempt to draw over other lines. */
#define MARKS_MAX 3U

/* Shown for a character that the C library does not know. */
#define UNKNOWN STR("\xef\xbf\xbd")

/* One character of a text as it is shown: hidden, or a number of columns wide. */
struct glyph {
    struct str bytes;
    size_t columns;
};

static const struct {
    uint32_t from, to;
} invisible[] = {
    {0x00ad, 0x00ad}, {0x061c, 0x061c},   {0x180e, 0x180e},   {0x200b, 0x200f},
    {0x202a, 0x202e}, {0x2060, 0x206f},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xfff9, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool
is_invisible(uint32_t c)
{
    for (size_t i = 0; i < COUNT_OF(invisible); i++)
        if (c >= invisible[i].from && c <= invisible[i].to)
            return true;
    return false;
}

/* Returns the C library's width of a character in a UTF-8 locale, whatever the caller's
 * locale; -1 when it is unknown. */
static int
width_of(uint32_t c)
{
    static locale_t utf8;
    locale_t before;
    int width;

    if (utf8 == (locale_t)0)
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8 == (locale_t)0)
        return -1;
    before = uselocale(utf8);
    width = wcwidth((wchar_t)c);
    (void)uselocale(before);
    return width;
}

static uint32_t
decode(const char *p, size_t n)
{
    uint32_t c = (unsigned char)p[0];

    if (n > 1)
        c &= 0xffU >> (n + 1);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)p[i] & 0x3fU);
    return c;
}

/* Cuts the next character off *rest, which is not empty.  marks: number of marks on the
 * preceding letter. */
static struct glyph
next(struct str *rest, size_t *marks)
{
    size_t n = utf8_char(*rest);
    struct str bytes = {rest->p, n == 0 ? 1 : n};
    uint32_t c = n == 0 ? 0xfffd : decode(rest->p, n);
    int width;

    rest->p += bytes.n;
    rest->n -= bytes.n;
    if (is_invisible(c))
        return (struct glyph){STR(""), 0};
    width = c >= 0x20 && c < 0x7f ? 1 : width_of(c);
    if (width == 0) {
        *marks += 1;
        return *marks > MARKS_MAX ? (struct glyph){STR(""), 0} : (struct glyph){bytes, 0};
    }
    *marks = 0;
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
        return (struct glyph){STR(" "), 1};
    if (n == 0 || width < 0)
        return (struct glyph){UNKNOWN, 1};
    return (struct glyph){bytes, (size_t)width};
}

size_t
display_width(struct str s)
{
    size_t columns = 0, marks = MARKS_MAX;

    while (s.n > 0)
        columns += next(&s, &marks).columns;
    return columns;
}

size_t
display_add(struct buf *out, struct str s, size_t max)
{
    size_t columns = 0, marks = MARKS_MAX; /* a leading mark has no letter */
    bool cut = max != SIZE_MAX && display_width(s) > max;
    size_t room = cut && max > 0 ? max - 1 : max;

    while (s.n > 0) {
        struct glyph g = next(&s, &marks);

        if (g.columns > room - columns)
            break;
        buf_add_str(out, g.bytes);
        columns += g.columns;
    }
    if (cut && max > 0) {
        buf_add_text(out, "…");
        columns++;
    }
    return columns;
}

void
display_cell(struct buf *out, struct str s, size_t columns, bool right)
{
    size_t width = display_width(s);
    size_t blanks = width < columns ? columns - width : 0;

    for (size_t i = 0; right && i < blanks; i++)
        buf_add_char(out, ' ');
    for (width = display_add(out, s, columns) + (right ? blanks : 0); width < columns;
         width++)
        buf_add_char(out, ' ');
}

bool
display_line(struct buf *out, struct str *rest, size_t max)
{
    struct str all = *rest, left = *rest, blank = STR_NONE;
    size_t columns = 0, marks = MARKS_MAX, n;

    if (all.n == 0)
        return false;
    while (left.n > 0 && left.p[0] != '\n') {
        struct str before = left;
        struct glyph g = next(&left, &marks);

        if (g.columns > max - columns && before.p != all.p) {
            left = blank.p != NULL ? blank : before;
            break;
        }
        columns += g.columns < max - columns ? g.columns : max - columns;
        if (before.p[0] == ' ')
            blank = left;
    }
    n = (size_t)(left.p - all.p);
    (void)display_add(out, (struct str){all.p, n}, SIZE_MAX);
    *rest = left.n > 0 && left.p[0] == '\n' ? (struct str){left.p + 1, left.n - 1} : left;
    return true;
}
