#include "event/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "base/num.h"
#include "base/utf8.h"

/* The digits before the point of the largest double, the digits after it, and more. */
#define NUMBER_BYTES (310 + FORMAT_PRECISION_MAX + 30)

/* Longer numbers are written as they are. */
#define DOUBLE_BYTES 400U

static bool
is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Reads digits up to a limit.  Returns the position after them, NULL beyond it. */
static const char *
read_number(const char *p, const char *end, int max, int *out)
{
    *out = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        *out = *out * 10 + (*p - '0');
        if (*out > max)
            return NULL;
    }
    return p;
}

/* Reads width and precision. */
static const char *
read_size(const char *p, const char *end, struct format *out)
{
    p = read_number(p, end, FORMAT_WIDTH_MAX, &out->width);
    while (p != NULL && p < end && is_one_of(*p, ",_"))
        p++; /* groups of digits */
    if (p == NULL || p == end || *p != '.')
        return p;
    return read_number(p + 1, end, FORMAT_PRECISION_MAX, &out->precision);
}

const char *
format_percent(const char *p, const char *end, struct format *out)
{
    *out = (struct format){.fill = ' ', .align = '>', .precision = -1};
    for (; p < end && is_one_of(*p, "-+ #0"); p++) {
        if (*p == '-')
            out->align = '<';
        else if (*p == '0' && out->align != '<')
            out->align = '=';
        else if (*p == '+' || (*p == ' ' && out->sign == '\0'))
            out->sign = *p;
    }
    p = read_size(p, end, out);
    while (p != NULL && p < end && is_one_of(*p, "lhL"))
        p++;
    if (p == NULL || p == end || !is_one_of(*p, "sdrifuxXeEgGoca"))
        return NULL;
    out->type = *p;
    if (out->align == '=')
        out->fill = '0';
    return p + 1;
}

bool
format_brace(struct str spec, struct format *out)
{
    const char *p = spec.p, *end = spec.p + spec.n;
    struct format f = {.fill = ' ', .precision = -1};

    *out = f;
    if (spec.n == 0)
        return true;
    if (spec.n > 1 && (unsigned char)p[0] < 0x80U && is_one_of(p[1], "<>^=")) {
        f.fill = p[0];
        f.align = p[1];
        p += 2;
    } else if (is_one_of(p[0], "<>^=")) {
        f.align = *p++;
    }
    if (p < end && is_one_of(*p, "+ "))
        f.sign = *p++;
    else if (p < end && *p == '-')
        p++;
    if (p < end && *p == '#')
        p++;
    if (p < end && *p == '0' && f.align == '\0') {
        f.fill = '0';
        f.align = '=';
    }
    p = read_size(p, end, &f);
    if (p != NULL && p < end && is_one_of(*p, "sdfFeEgGxXo"))
        f.type = *p++;
    if (p != end)
        return false;
    *out = f;
    return true;
}

static bool
is_whole(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (is_one_of(text.p[i], ".eE"))
            return false;
    return true;
}

/* Converts a JSON number.  Returns the text in out, or the number as it is. */
static struct str
convert(const struct format *f, struct str text, char out[NUMBER_BYTES])
{
    int digits =
        f->precision < 0 || f->precision > FORMAT_PRECISION_MAX ? 6 : f->precision;
    int n = 0;
    char copy[DOUBLE_BYTES];
    int64_t whole;
    double v;

    if (text.n >= sizeof copy || (is_whole(text) && is_one_of(f->type, "diu")))
        return text;
    if (is_one_of(f->type, "xXo") &&
        num_parse(text, INT64_MIN + 1, INT64_MAX, &whole) == 0) {
        unsigned long long magnitude = (unsigned long long)(whole < 0 ? -whole : whole);
        const char *sign = whole < 0 ? "-" : "";

        n = f->type == 'x'   ? snprintf(out, NUMBER_BYTES, "%s%llx", sign, magnitude)
            : f->type == 'X' ? snprintf(out, NUMBER_BYTES, "%s%llX", sign, magnitude)
                             : snprintf(out, NUMBER_BYTES, "%s%llo", sign, magnitude);
        return (struct str){out, (size_t)n};
    }
    str_copy(text, copy, sizeof copy);
    v = strtod(copy, NULL);
    if (!isfinite(v))
        return text;
    if (is_one_of(f->type, "diu"))
        /* From 2^63 on, a double has no fraction. */
        n = snprintf(out, NUMBER_BYTES, "%.0f",
                     v > -9e18 && v < 9e18 ? (double)(int64_t)v : v);
    else if (is_one_of(f->type, "fF"))
        n = snprintf(out, NUMBER_BYTES, "%.*f", digits, v);
    else if (is_one_of(f->type, "eE"))
        n = snprintf(out, NUMBER_BYTES, f->type == 'e' ? "%.*e" : "%.*E", digits, v);
    else if (is_one_of(f->type, "gG"))
        n = snprintf(out, NUMBER_BYTES, f->type == 'g' ? "%.*g" : "%.*G", digits, v);
    return n > 0 ? (struct str){out, (size_t)n} : text;
}

static void
pad(struct buf *out, char fill, size_t n)
{
    budget_spend(n);
    while (n-- > 0)
        buf_add_char(out, fill);
}

/* Only numbers have a sign to be filled after. */
static char
align_of(const struct format *f, bool is_number)
{
    if (f->align == '\0')
        return is_number ? '>' : '<';
    if (f->align == '=' && !is_number)
        return '>';
    return f->align;
}

void
format_put(struct buf *out, const struct format *f, struct str text, bool is_number)
{
    char number[NUMBER_BYTES]; /* cppcheck-suppress variableScope ; text points into it */
    char align = align_of(f, is_number), fill = f->fill;
    size_t chars, width = (size_t)f->width, left = 0;

    if (f->align == '=' && !is_number)
        fill = ' ';
    if (is_number && f->type != '\0')
        text = convert(f, text, number);
    if (!is_one_of(f->type, "diufFeEgGxXo") && f->precision >= 0)
        text = utf8_head(text, (size_t)f->precision);
    chars = utf8_count(text);
    if (is_number && f->sign != '\0' && text.n > 0 && text.p[0] != '-')
        chars++;
    if (width > chars)
        left = align == '<' ? 0 : align == '^' ? (width - chars) / 2 : width - chars;
    if (align != '=')
        pad(out, fill, left);
    if (is_number && text.n > 0 && text.p[0] == '-') {
        buf_add_char(out, '-');
        text = (struct str){text.p + 1, text.n - 1};
    } else if (is_number && f->sign != '\0') {
        buf_add_char(out, f->sign);
    }
    if (align == '=')
        pad(out, fill, left);
    buf_add_str(out, text);
    if (width > chars + left)
        pad(out, fill, width - chars - left);
}
