#include "front/setup_page.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "ingest/body.h"
#include "install/install.h"
#include "install/page.h"

#define FORM_MAX_BYTES (64 * LIMIT_KIB)

static struct str
variable(const struct request *rq, const char *name)
{
    size_t n = strlen(name);

    for (char *const *v = rq->environment; *v != NULL; v++)
        if (strncmp(*v, name, n) == 0 && (*v)[n] == '=')
            return str_of(*v + n + 1);
    return STR_NONE;
}

/* The suggested URL: the one that the browser requested. */
static void
guess_url(const struct request *rq, char out[INSTALL_VALUE_BYTES])
{
    struct str host = variable(rq, "HTTP_HOST"), script = variable(rq, "SCRIPT_NAME");
    struct str https = variable(rq, "HTTPS");
    bool tls = str_eq_nocase(https, STR("on")) || str_eq(https, STR("1")) ||
               str_eq(variable(rq, "REQUEST_SCHEME"), STR("https")) ||
               str_eq(variable(rq, "HTTP_X_FORWARDED_PROTO"), STR("https"));

    if (host.n > 100 || script.n > 140)
        return;
    (void)snprintf(out, INSTALL_VALUE_BYTES, "http%s://%.*s%.*s", tls ? "s" : "",
                   (int)host.n, host.n > 0 ? host.p : "", (int)script.n,
                   script.n > 0 ? script.p : "");
}

/* Describes where the token is, as seen with an FTP program; does not reveal its path,
 * nor a name that must not be guessed. */
static void
describe(const struct home *p, char out[256])
{
    size_t top = strlen(p->data_dir), up = 0;
    char dir[PATH_MAX];

    if (p->hidden) {
        (void)snprintf(out, 256,
                       "setup-token in the directory next to this program whose name "
                       "begins with " HOME_NAME "-");
        return;
    }
    (void)memcpy(dir, p->data_dir, top + 1);
    (void)!home_up(dir);
    for (const char *at = p->program_dir + strlen(dir); *at != '\0'; at++)
        up += *at == '/';
    (void)snprintf(out, 256,
                   HOME_NAME "/setup-token, %zu director%s above this program's", up,
                   up == 1 ? "y" : "ies");
}

static void
note(struct answer *a, int status, const char *title, const char *text)
{
    a->status = status;
    page_note(&a->body, title, text);
}

static void
show_form(struct setup_page *s, struct answer *a, int status, const struct install *in)
{
    char where[256];

    a->status = status;
    describe(&s->home, where);
    page_form(&a->body, in, where);
}

static void
take_form(struct setup_page *s, struct request *rq, struct answer *a, const char *token,
          struct error *e)
{
    struct buf body = buf_init(FORM_MAX_BYTES);
    struct install_place place = {s->home.data_dir, s->sql_dir};
    struct install_result made;
    struct install in = {.failed = ""};
    char program[PATH_MAX + 16];
    bool good = false;

    if (body_read(&rq->ingest.body, FORM_MAX_BYTES, &body, e) != 0) {
        note(a, answer_status(e->kind), "Set up Mesher", e->text);
        buf_release(&body);
        return;
    }
    good = install_read(&in, buf_str(&body));
    buf_release(&body);
    if (!install_token_is(token, in.value[INSTALL_TOKEN])) {
        (void)memset(in.wrong, 0, sizeof in.wrong);
        (void)snprintf(in.wrong[INSTALL_TOKEN], sizeof in.wrong[INSTALL_TOKEN],
                       "this is not the token");
        show_form(s, a, 403, &in);
    } else if (!good || install_run(&in, &place, &made) != 0) {
        show_form(s, a, 400, &in);
    } else {
        (void)snprintf(program, sizeof program, "%s/mesher.cgi", s->home.program_dir);
        a->status = 200;
        page_done(&a->body, &made, in.value[INSTALL_URL], program);
    }
}

static void
refuse(struct answer *a, const struct error *e)
{
    note(a, 503, "Mesher cannot be set up here",
         e->kind == ERROR_FORBIDDEN
             ? "This host runs programs as a user other than their owner, so other "
               "customers' programs could read the secrets. Ask the host for suexec (or "
               "mod_fcgid), or set Mesher up in a shell."
             : "No directory is suitable for the configuration; the server's error log "
               "says why.");
}

bool
setup_page_is_over(void)
{
    struct home now;
    struct error ignored;

    return home_find(&now, NULL, &ignored) == 0 && now.has_conf;
}

void
setup_page_answer(struct setup_page *s, struct request *rq, struct answer *a,
                  struct error *e)
{
    struct str path = variable(rq, "PATH_INFO");
    bool page = path.n == 0 || str_eq(path, STR("/"));
    struct home_web web = {variable(rq, "DOCUMENT_ROOT").p,
                           variable(rq, "SCRIPT_NAME").p};
    struct install in;
    char token[65];

    answer_reset(a);
    *e = (struct error){.kind = ERROR_NONE};
    if (!page ||
        (rq->method != HTTP_GET && rq->method != HTTP_HEAD && rq->method != HTTP_POST)) {
        error_set(e, ERROR_UNAVAILABLE, "the server is not set up");
        e->retry_after_s = 60;
        answer_error(a, e);
        return;
    }
    a->is_page = true;
    a->content_type = "text/html; charset=utf-8";
    if (home_make(&s->home, &web, e) != 0 ||
        install_token(s->home.data_dir, token, e) != 0) {
        refuse(a, e);
    } else if (rq->method == HTTP_POST) {
        take_form(s, rq, a, token, e);
    } else {
        install_preset(&in);
        guess_url(rq, in.value[INSTALL_URL]);
        show_form(s, a, 200, &in);
    }
}
