#include "front/request.h"

#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"

#define PATH_MAX_BYTES 8192U

/* How long a browser may cache the answer to a preflight. */
#define PREFLIGHT_MAX_AGE_S 3600

static const char exposed_headers[] =
    "x-sentry-error, x-sentry-rate-limits, retry-after, x-request-id";
static const char allowed_headers[] =
    "x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, "
    "content-type,"
    " authentication, authorization, content-encoding, transfer-encoding, sentry-trace,"
    " baggage, x-csrftoken";

/* Pages may not be cached, framed, scripted or leaked to other sites; a form may only be
 * sent back to its origin. */
static const char page_headers[] =
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n";

/* The variables that are read, with their names. */
#define VARIABLES(X)               \
    X(SCRIPT_NAME)                 \
    X(PATH_INFO)                   \
    X(REQUEST_URI)                 \
    X(REQUEST_METHOD)              \
    X(QUERY_STRING)                \
    X(CONTENT_TYPE)                \
    X(CONTENT_LENGTH)              \
    X(HTTP_CONTENT_ENCODING)       \
    X(HTTP_X_SENTRY_AUTH)          \
    X(HTTP_AUTHORIZATION)          \
    X(REDIRECT_HTTP_AUTHORIZATION) \
    X(HTTP_ORIGIN)                 \
    X(HTTP_REFERER)                \
    X(HTTP_USER_AGENT)             \
    X(REMOTE_ADDR)                 \
    X(FCGI_ROLE)                   \
    X(MESHER_ROLE)

#define VARIABLE_ENUM(name) VARIABLE_##name,
#define VARIABLE_NAME(name) {#name, sizeof #name - 1},

enum variable { VARIABLES(VARIABLE_ENUM) N_VARIABLES };

static const struct str variable_names[N_VARIABLES] = {VARIABLES(VARIABLE_NAME)};

/* Reads all of them in one pass over the environment.  Empty means unset: nginx sends
 * every parameter it knows. */
static void
read_variables(char *const *environment, struct str out[N_VARIABLES])
{
    for (; *environment != NULL; environment++) {
        struct str value = str_of(*environment), name = str_cut(&value, '=');

        for (size_t i = 0; i < N_VARIABLES && value.n > 0; i++)
            if (variable_names[i].n == name.n && out[i].p == NULL &&
                memcmp(variable_names[i].p, name.p, name.n) == 0) {
                out[i] = value;
                break;
            }
    }
}

static void
make_id(struct request *rq)
{
    struct uuid id = {{0}};
    struct error e;

    if (ids_new(clock_wall_us(), &id, &e) != 0)
        log_error(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, &e, NULL, 0);
    ids_format_hex(&id, rq->id);
}

void
request_read(struct request *out, char *const *environment,
             const struct body_source *body)
{
    struct str v[N_VARIABLES] = {{NULL, 0}}, path;
    struct ingest_request *in = &out->ingest;

    read_variables(environment, v);
    out->environment = environment;
    out->path_bytes.max = PATH_MAX_BYTES;
    buf_clear(&out->path_bytes, SIZE_MAX);
    http_path(v[VARIABLE_SCRIPT_NAME], v[VARIABLE_PATH_INFO], v[VARIABLE_REQUEST_URI],
              &out->path_bytes);
    path = buf_str(&out->path_bytes);
    out->path = http_path_from(path, STR("/api/"));
    if (out->path.p == NULL || out->path_bytes.failed) /* too long for any path of ours */
        out->path = out->path_bytes.failed ? STR("") : path;
    /* nginx sends FCGI_ROLE=RESPONDER in every case. */
    out->is_authorizer = str_eq(v[VARIABLE_FCGI_ROLE], STR("AUTHORIZER")) ||
                         str_eq(v[VARIABLE_MESHER_ROLE], STR("authorizer"));
    out->method = http_method(v[VARIABLE_REQUEST_METHOD]);
    *in = (struct ingest_request){.body = *body};
    in->auth.x_sentry_auth = v[VARIABLE_HTTP_X_SENTRY_AUTH];
    in->auth.authorization = v[VARIABLE_HTTP_AUTHORIZATION];
    if (in->auth.authorization.p == NULL) /* after an internal rewrite by Apache */
        in->auth.authorization = v[VARIABLE_REDIRECT_HTTP_AUTHORIZATION];
    in->auth.query = v[VARIABLE_QUERY_STRING];
    in->content_type = v[VARIABLE_CONTENT_TYPE];
    in->origin = v[VARIABLE_HTTP_ORIGIN];
    in->referer = v[VARIABLE_HTTP_REFERER];
    in->user_agent = v[VARIABLE_HTTP_USER_AGENT];
    in->address = v[VARIABLE_REMOTE_ADDR];
    in->body.length = v[VARIABLE_CONTENT_LENGTH];
    in->body.content_encoding = v[VARIABLE_HTTP_CONTENT_ENCODING];
    make_id(out);
}

void
request_release(struct request *rq)
{
    buf_release(&rq->path_bytes);
}

/* A header is one line of ASCII. */
static void
add_error(struct buf *out, struct str text)
{
    buf_add_text(out, "X-Sentry-Error: ");
    for (size_t i = 0; i < text.n; i++)
        buf_add(out, text.p[i] >= ' ' && text.p[i] <= '~' ? &text.p[i] : "?", 1);
    buf_add_text(out, "\r\n");
}

void
request_format(const struct request *rq, const struct answer *a, struct buf *out)
{
    buf_add_f(out, "Status: %d %s\r\nX-Request-Id: %s\r\n", a->status,
              http_reason(a->status), rq->id);
    if (a->is_page)
        buf_add_text(out, page_headers);
    else
        buf_add_text(out,
                     "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: ");
    if (!a->is_page)
        buf_add_f(out, "%s\r\n", exposed_headers);
    if (a->status == 401 && !a->is_sentry)
        buf_add_text(out, "WWW-Authenticate: Bearer realm=\"mesher\"\r\n");
    if (a->retry_after_s > 0)
        buf_add_f(out, "Retry-After: %d\r\n", a->retry_after_s);
    if (a->limits[0] != '\0')
        buf_add_f(out, "X-Sentry-Rate-Limits: %s\r\n", a->limits);
    if (a->sentry_error[0] != '\0')
        add_error(out, str_of(a->sentry_error));
    if (a->allow != NULL)
        buf_add_f(out, "Allow: %s\r\n", a->allow);
    if (a->allow != NULL && a->status == 204)
        buf_add_f(out,
                  "Access-Control-Allow-Methods: %s\r\n"
                  "Access-Control-Allow-Headers: %s\r\nAccess-Control-Max-Age: %d\r\n",
                  a->allow, allowed_headers, PREFLIGHT_MAX_AGE_S);
    if (a->project > 0) /* for FastCGI's authorizers, and for auth_request */
        buf_add_f(out, "Variable-MESHER_PROJECT: %lld\r\nX-Mesher-Project: %lld\r\n",
                  (long long)a->project, (long long)a->project);
    else if (a->status != 204)
        buf_add_f(out, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                  a->content_type == NULL ? "application/json" : a->content_type,
                  a->body.n);
    buf_add_text(out, "\r\n");
    if (rq->method != HTTP_HEAD)
        buf_add_str(out, buf_str(&a->body));
}

void
request_log(const struct request *rq, const struct answer *a, const struct error *e,
            int64_t took_ms)
{
    bool ours = a->status >= 500;
    enum log_level level = ours                      ? LOG_LEVEL_ERROR
                           : e->kind == ERROR_COSTLY ? LOG_LEVEL_WARNING
                                                     : LOG_LEVEL_DEBUG;
    struct log_pair pairs[7];
    size_t n = 0;

    if (a->status < 400 || !log_wants(level))
        return;
    pairs[n++] = LOG_TEXT("request", str_of(rq->id));
    pairs[n++] = LOG_NUMBER("status", a->status);
    if (rq->ingest.project > 0)
        pairs[n++] = LOG_NUMBER("project", rq->ingest.project);
    pairs[n++] = LOG_NUMBER("ms", took_ms);
    pairs[n++] = LOG_TEXT("text", str_of(e->text));
    if (e->detail[0] != '\0')
        pairs[n++] = LOG_TEXT("detail", str_of(e->detail));
    if (e->sqlstate[0] != '\0')
        pairs[n++] = LOG_TEXT("sqlstate", str_of(e->sqlstate));
    log_write(level, ours ? LOG_REQUEST_FAILED : LOG_REQUEST_REFUSED, pairs, n);
}
