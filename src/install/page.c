#include "install/page.h"

#include <string.h>

#include "wire/html.h"

static void
begin(struct buf *out, const char *title)
{
    buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                      "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    html_text(out, title);
    buf_add_text(out, "</title>\n<style>body{font:16px/1.5 sans-serif;max-width:40em;"
                      "margin:2em auto;padding:0 1em}label{display:block;margin-top:1em}"
                      "input,select{font:inherit;width:100%;box-sizing:border-box}"
                      ".wrong{color:#b00020}.hint{color:#555;font-size:.9em}"
                      "pre{background:#eee;padding:.7em;white-space:pre-wrap;"
                      "word-break:break-all}button{font:inherit;margin-top:1.5em;"
                      "padding:.4em 1.5em}</style></head>\n<body><h1>");
    html_text(out, title);
    buf_add_text(out, "</h1>\n");
}

static void
end(struct buf *out)
{
    buf_add_text(out, "</body></html>\n");
}

static void
wrong(struct buf *out, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_add_f(out, "<div class=\"wrong\" id=\"%s-wrong\">", name);
    html_text(out, text);
    buf_add_text(out, "</div>\n");
}

static const struct {
    const char *label, *type, *hint;
} fields[N_INSTALL_FIELDS] = {
    [INSTALL_TOKEN] = {"Token", "password", ""},
    [INSTALL_HOST] = {"Database host", "text",
                      "A name or an address; empty, or a path, for a socket."},
    [INSTALL_PORT] = {"Port", "text", ""},
    [INSTALL_DATABASE] = {"Database name", "text", ""},
    [INSTALL_USER] = {"Database user", "text", ""},
    [INSTALL_PASSWORD] = {"Password", "password", ""},
    [INSTALL_SSLMODE] =
        {"Encryption", "select",
         "prefer: TLS if the server supports it; require: only with TLS."},
    [INSTALL_PROJECT] = {"First project", "text",
                         "A name for the program that will send its errors."},
    [INSTALL_URL] = {"Address of this Mesher", "url",
                     "As programs reach it; it is part of the DSN."},
};

static void
select_sslmode(struct buf *out, const char *value)
{
    buf_add_text(out, "<select name=\"sslmode\" id=\"sslmode\">");
    for (const char *const *mode = install_sslmodes; *mode != NULL; mode++)
        buf_add_f(out, "<option%s>%s</option>",
                  strcmp(*mode, value) == 0 ? " selected" : "", *mode);
    buf_add_text(out, "</select>\n");
}

static void
field(struct buf *out, const struct install *in, enum install_field f)
{
    const char *name = install_name(f);
    bool secret = strcmp(fields[f].type, "password") == 0;

    buf_add_f(out, "<label for=\"%s\">%s</label>\n", name, fields[f].label);
    if (f == INSTALL_SSLMODE) {
        select_sslmode(out, in->value[f]);
    } else {
        buf_add_f(out, "<input name=\"%s\" id=\"%s\" type=\"%s\" autocomplete=\"off\"",
                  name, name, fields[f].type);
        buf_add_text(out, " value=\"");
        html_text(out, secret ? "" : in->value[f]);
        buf_add_text(out, "\">\n");
    }
    wrong(out, name, in->wrong[f]);
    if (fields[f].hint[0] != '\0')
        buf_add_f(out, "<div class=\"hint\">%s</div>\n", fields[f].hint);
}

void
page_form(struct buf *out, const struct install *in, const char *where)
{
    begin(out, "Set up Mesher");
    buf_add_text(out, "<form method=\"post\" action=\"\">\n"
                      "<p>Only you can read the token, in the file ");
    html_text(out, where);
    buf_add_text(out, ". Open it with your FTP program or file manager.</p>\n");
    wrong(out, "failed", in->failed);
    for (int i = 0; i < N_INSTALL_FIELDS; i++)
        field(out, in, (enum install_field)i);
    buf_add_text(out, "<button>Set up</button></form>\n");
    end(out);
}

static void
example(struct buf *out, const char *id, const char *before, const char *text)
{
    buf_add_f(out, "<p>%s</p>\n<pre id=\"%s\">", before, id);
    html_text(out, text);
    buf_add_text(out, "</pre>\n");
}

void
page_done(struct buf *out, const struct install_result *made, const char *url,
          const char *program)
{
    struct buf line = buf_init(8192);

    begin(out, "Mesher is set up");
    example(out, "dsn", "The DSN for one of Sentry's SDKs:", made->dsn);
    buf_add_f(
        &line,
        "curl '%s/api/v1/events' -H 'X-Sentry-Auth: %s' -d '{\"message\":\"hello\"}'",
        url, made->key);
    example(out, "curl", "A first event, from a shell:", buf_text(&line));
    buf_clear(&line, SIZE_MAX);
    buf_add_f(&line, "*/15 * * * * '%s' ctl maintenance", program);
    example(out, "cron",
            "If the host has cron, add this line. Without it Mesher does the same work "
            "in small steps after requests:",
            buf_text(&line));
    buf_add_text(out, "<p>This page is disabled now. Save the DSN.</p>\n");
    buf_release(&line);
    end(out);
}

void
page_note(struct buf *out, const char *title, const char *text)
{
    begin(out, title);
    buf_add_text(out, "<p>");
    html_text(out, text);
    buf_add_text(out, "</p>\n");
    end(out);
}
