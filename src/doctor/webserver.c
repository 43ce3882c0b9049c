#include "doctor/webserver.h"

#include <stddef.h>
#include <string.h>

#include "base/limits.h"

static const char *const names[FRONTS] = {[FRONT_LIGHTTPD] = "lighttpd",
                                          [FRONT_NGINX] = "nginx",
                                          [FRONT_APACHE] = "Apache",
                                          [FRONT_OTHER] = "the web server"};

/* Lines, each for report_mend().  FRONT_BODY_LIMIT has a number in it and is apart. */
static const char *const texts[FRONT_FAULTS][FRONTS] = {
    [FRONT_AUTHORIZATION] =
        {"lighttpd passes it on by itself: take out what removes it in lighttpd.conf "
         "(setenv.set-request-header)",
         "nginx passes it on by itself: take \"fastcgi_param HTTP_AUTHORIZATION\" out of "
         "nginx.conf",
         "CGIPassAuth On    in the <Location> or <Directory> of Mesher in Apache's "
         "configuration (or in .htaccess)",
         "have the web server, or what is before it, pass the header Authorization on"},
    [FRONT_KEY] = {"take out what removes X-Sentry-Auth or the query in lighttpd.conf "
                   "(setenv.set-request-header, url.rewrite)",
                   "take out what removes X-Sentry-Auth or the query in nginx.conf "
                   "(fastcgi_param, rewrite)",
                   "take out what removes X-Sentry-Auth or the query in Apache's "
                   "configuration (RequestHeader, RewriteRule "
                   "without [QSA])",
                   "have the web server, or what is before it, pass X-Sentry-Auth and "
                   "the query on"},
    [FRONT_CHUNKED] =
        {"server.stream-request-body = 0    in lighttpd.conf",
         "fastcgi_request_buffering on;    in the location of Mesher in nginx.conf",
         "SetEnv proxy-sendcl 1    in the <Location> of Mesher in Apache's configuration",
         "have the web server take chunked bodies, and collect them before it calls "
         "Mesher"},
    [FRONT_ENCODING] = {"take out what removes Content-Encoding in lighttpd.conf "
                        "(setenv.set-request-header)",
                        "take \"fastcgi_param HTTP_CONTENT_ENCODING\" out of nginx.conf",
                        "take \"RequestHeader unset Content-Encoding\" and "
                        "SetInputFilter out of Apache's configuration",
                        "have the web server, or what is before it, pass "
                        "Content-Encoding and the body on as they came"},
    [FRONT_BACKEND] = {"\"socket\" of fastcgi.server in lighttpd.conf must be `listen` "
                       "of child \"mesher.fcgi\" in the configuration",
                       "fastcgi_pass unix:PATH; in nginx.conf must be `listen` of child "
                       "\"mesher.fcgi\" in the configuration",
                       "ProxyPass \"/\" \"unix:PATH|fcgi://mesher/\" in Apache's "
                       "configuration must be `listen` of child "
                       "\"mesher.fcgi\" in ours, and not below /tmp; under mod_fcgid see "
                       "Apache's error log",
                       "the web server's FastCGI socket must be `listen` of child "
                       "\"mesher.fcgi\" in the configuration"},
    [FRONT_PATH] = {"fastcgi.server = ( \"/\" => (( \"socket\" => \"PATH\", "
                    "\"check-local\" => \"disable\", "
                    "\"fix-root-scriptname\" => \"enable\" )) )    in lighttpd.conf",
                    "a location for this path with \"include fastcgi_params; "
                    "fastcgi_pass unix:PATH;\" in nginx.conf",
                    "ProxyPass \"/\" \"unix:PATH|fcgi://mesher/\"    in the "
                    "<VirtualHost> of this name in Apache's configuration",
                    "have the web server pass this path on to Mesher"},
    [FRONT_CORS] =
        {"take out what answers OPTIONS in lighttpd.conf (mod_webdav, url.access-deny)",
         "take \"if ($request_method = OPTIONS)\" and \"limit_except\" out of nginx.conf",
         "take <Limit>, <LimitExcept> and \"RewriteCond %{REQUEST_METHOD}\" out of "
         "Apache's configuration",
         "have the web server pass OPTIONS on to Mesher, which answers pages of other "
         "origins itself"},
    [FRONT_WS_BACKEND] = {"proxy.server of the WebSocket's $SERVER[\"socket\"] in "
                          "lighttpd.conf must be where websocketd listens",
                          "proxy_pass of the WebSocket's location in nginx.conf must be "
                          "where websocketd listens",
                          "ProxyPass \"/\" \"ws://127.0.0.1:8082/\" in Apache's "
                          "configuration must be where websocketd listens, and "
                          "AuthnzFcgiDefineProvider where a responder does",
                          "start websocketd (conf/websocketd.sh), and have the web "
                          "server pass WebSockets on to it"},
    [FRONT_WS_KEY] =
        {"server.modules = ( \"mod_fastcgi\", \"mod_proxy\" )    in lighttpd.conf: in "
         "this order, and a "
         "fastcgi.server with \"mode\" => \"authorizer\" as in conf/lighttpd.conf",
         "auth_request /mesher-auth;    in the WebSocket's location, as in "
         "conf/nginx.conf",
         "AuthnzFcgiCheckAuthnProvider in the WebSocket's <Location>, as in "
         "conf/apache-proxy-fcgi.conf",
         "have the web server ask a responder first, as an authorizer: see conf/"},
    [FRONT_WS_UPGRADE] =
        {"proxy.header = ( \"upgrade\" => \"enable\" )    in lighttpd.conf",
         "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
         "proxy_set_header Connection "
         "$connection_upgrade;    in nginx.conf",
         "LoadModule proxy_wstunnel_module, and ProxyPass \"/\" \"ws://127.0.0.1:8082/\" "
         "in Apache's "
         "configuration",
         "have the web server pass the headers Upgrade and Connection on"},
};

enum front
front_of(const char *server)
{
    static const char *const begins[FRONT_OTHER] = {[FRONT_LIGHTTPD] = "lighttpd",
                                                    [FRONT_NGINX] = "nginx",
                                                    [FRONT_APACHE] = "Apache"};

    for (int i = 0; i < FRONT_OTHER; i++)
        if (strncmp(server, begins[i], strlen(begins[i])) == 0)
            return (enum front)i;
    return FRONT_OTHER;
}

const char *
front_name(enum front f)
{
    return names[f];
}

const char *const *
front_programs(enum front f)
{
    static const char *const programs[FRONTS][5] = {
        [FRONT_LIGHTTPD] = {"lighttpd"},
        [FRONT_NGINX] = {"nginx"},
        [FRONT_APACHE] = {"apache2", "httpd"},
        [FRONT_OTHER] = {"lighttpd", "nginx", "apache2", "httpd"}};

    return programs[f];
}

/* A MiB more than Mesher takes: what is only just too large gets its answer from Mesher.
 */
static void
mend_limit(struct report *r, enum front f, int64_t limit)
{
    long long mib = limit / (long long)LIMIT_MIB + 1;

    switch (f) {
    case FRONT_LIGHTTPD:
        report_mend(r,
                    "server.max-request-size = %lld    in lighttpd.conf (KiB; also in "
                    "its $HTTP[\"url\"] parts)",
                    mib * 1024);
        break;
    case FRONT_NGINX:
        report_mend(
            r, "client_max_body_size %lldm;    in the server of Mesher in nginx.conf",
            mib);
        break;
    case FRONT_APACHE:
        report_mend(r, "LimitRequestBody %lld    in Apache's configuration",
                    mib * (long long)LIMIT_MIB);
        report_mend(r,
                    "FcgidMaxRequestLen %lld    where mod_fcgid runs Mesher: in the "
                    "server or <VirtualHost>",
                    mib * (long long)LIMIT_MIB);
        break;
    case FRONT_OTHER:
    case FRONTS:
        report_mend(r, "raise the web server's limit of a request's body to %lld MiB",
                    mib);
        break;
    }
}

void
front_mend(struct report *r, enum front f, enum front_fault fault, int64_t limit)
{
    if (fault == FRONT_BODY_LIMIT)
        mend_limit(r, f, limit);
    else
        report_mend(r, "%s", texts[fault][f]);
}
