#include "doctor/webserver.h"

#include <stddef.h>
#include <string.h>

#include "base/limits.h"

static const char *const names[N_WEBSERVERS] = {[WEBSERVER_LIGHTTPD] = "lighttpd",
                                                [WEBSERVER_NGINX] = "nginx",
                                                [WEBSERVER_APACHE] = "Apache",
                                                [WEBSERVER_OTHER] = "the web server"};

/* Lines, each for report_mend().  WEBSERVER_BODY_LIMIT contains a number and is handled
 * separately. */
static const char *const texts[N_WEBSERVER_FAULTS][N_WEBSERVERS] = {
    [WEBSERVER_AUTHORIZATION] =
        {"lighttpd passes it on by itself: remove the directive that drops it in "
         "lighttpd.conf (setenv.set-request-header)",
         "nginx passes it on by itself: take \"fastcgi_param HTTP_AUTHORIZATION\" out of "
         "nginx.conf",
         "CGIPassAuth On    in the <Location> or <Directory> of Mesher in Apache's "
         "configuration (or in .htaccess)",
         "have the web server, or the proxy in front of it, pass the header "
         "Authorization on"},
    [WEBSERVER_KEY] =
        {"remove the directive that drops X-Sentry-Auth or the query in lighttpd.conf "
         "(setenv.set-request-header, url.rewrite)",
         "remove the directive that drops X-Sentry-Auth or the query in nginx.conf "
         "(fastcgi_param, rewrite)",
         "remove the directive that drops X-Sentry-Auth or the query in Apache's "
         "configuration (RequestHeader, RewriteRule without [QSA])",
         "have the web server, or the proxy in front of it, pass X-Sentry-Auth and the "
         "query on"},
    [WEBSERVER_CHUNKED] =
        {"server.stream-request-body = 0    in lighttpd.conf",
         "fastcgi_request_buffering on;    in the location of Mesher in nginx.conf",
         "SetEnv proxy-sendcl 1    in the <Location> of Mesher in Apache's configuration",
         "have the web server accept chunked bodies, and buffer them before it calls "
         "Mesher"},
    [WEBSERVER_ENCODING] =
        {"remove the directive that drops Content-Encoding in lighttpd.conf "
         "(setenv.set-request-header)",
         "take \"fastcgi_param HTTP_CONTENT_ENCODING\" out of nginx.conf",
         "take \"RequestHeader unset Content-Encoding\" and "
         "SetInputFilter out of Apache's configuration",
         "have the web server, or the proxy in front of it, pass Content-Encoding and "
         "the body on unchanged"},
    [WEBSERVER_BACKEND] =
        {"\"socket\" of fastcgi.server in lighttpd.conf must be `listen` "
         "of child \"mesher.fcgi\" in the configuration",
         "fastcgi_pass unix:PATH; in nginx.conf must be `listen` of child "
         "\"mesher.fcgi\" in the configuration",
         "ProxyPass \"/\" \"unix:PATH|fcgi://mesher/\" in Apache's "
         "configuration must be `listen` of child "
         "\"mesher.fcgi\" in ours, and not below /tmp; under mod_fcgid see "
         "Apache's error log",
         "the web server's FastCGI socket must be `listen` of child "
         "\"mesher.fcgi\" in the configuration"},
    [WEBSERVER_PATH] = {"fastcgi.server = ( \"/\" => (( \"socket\" => \"PATH\", "
                        "\"check-local\" => \"disable\", "
                        "\"fix-root-scriptname\" => \"enable\" )) )    in lighttpd.conf",
                        "a location for this path with \"include fastcgi_params; "
                        "fastcgi_pass unix:PATH;\" in nginx.conf",
                        "ProxyPass \"/\" \"unix:PATH|fcgi://mesher/\"    in the "
                        "<VirtualHost> of this name in Apache's configuration",
                        "have the web server pass this path on to Mesher"},
    [WEBSERVER_CORS] =
        {"remove the directive that answers OPTIONS in lighttpd.conf (mod_webdav, "
         "url.access-deny)",
         "take \"if ($request_method = OPTIONS)\" and \"limit_except\" out of nginx.conf",
         "take <Limit>, <LimitExcept> and \"RewriteCond %{REQUEST_METHOD}\" out of "
         "Apache's configuration",
         "have the web server pass OPTIONS on to Mesher, which answers preflight "
         "requests itself"},
    [WEBSERVER_IDLE] =
        {"server.max-keep-alive-idle = 150    in lighttpd.conf",
         "keepalive_timeout 150s 150s;    in the server of Mesher in nginx.conf",
         "KeepAliveTimeout 150    in Apache's configuration; with mpm_prefork instead: "
         "SetEnvIf Request_URI \"^/PREFIX/\" nokeepalive",
         "have the web server keep idle connections for 150 s, or close each after its "
         "answer"},
    [WEBSERVER_WS_BACKEND] =
        {"proxy.server of the WebSocket's $SERVER[\"socket\"] in "
         "lighttpd.conf must be where websocketd listens",
         "proxy_pass of the WebSocket's location in nginx.conf must be "
         "where websocketd listens",
         "ProxyPass \"/\" \"ws://127.0.0.1:8082/\" in Apache's "
         "configuration must be where websocketd listens, and "
         "AuthnzFcgiDefineProvider where a responder does",
         "start websocketd (conf/websocketd.sh), and have the web "
         "server pass WebSockets on to it"},
    [WEBSERVER_WS_KEY] =
        {"server.modules = ( \"mod_fastcgi\", \"mod_proxy\" )    in lighttpd.conf: in "
         "this order, and a "
         "fastcgi.server with \"mode\" => \"authorizer\" as in conf/lighttpd.conf",
         "auth_request /mesher-auth;    in the WebSocket's location, as in "
         "conf/nginx.conf",
         "AuthnzFcgiCheckAuthnProvider in the WebSocket's <Location>, as in "
         "conf/apache-proxy-fcgi.conf",
         "have the web server ask a responder first, as an authorizer: see conf/"},
    [WEBSERVER_WS_UPGRADE] =
        {"proxy.header = ( \"upgrade\" => \"enable\" )    in lighttpd.conf",
         "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
         "proxy_set_header Connection "
         "$connection_upgrade;    in nginx.conf",
         "LoadModule proxy_wstunnel_module, and ProxyPass \"/\" \"ws://127.0.0.1:8082/\" "
         "in Apache's "
         "configuration",
         "have the web server pass the headers Upgrade and Connection on"},
};

enum webserver
webserver_of(const char *server)
{
    static const char *const begins[WEBSERVER_OTHER] = {[WEBSERVER_LIGHTTPD] = "lighttpd",
                                                        [WEBSERVER_NGINX] = "nginx",
                                                        [WEBSERVER_APACHE] = "Apache"};

    for (int i = 0; i < WEBSERVER_OTHER; i++)
        if (strncmp(server, begins[i], strlen(begins[i])) == 0)
            return (enum webserver)i;
    return WEBSERVER_OTHER;
}

const char *
webserver_name(enum webserver f)
{
    return names[f];
}

const char *const *
webserver_programs(enum webserver f)
{
    static const char *const programs[N_WEBSERVERS][5] = {
        [WEBSERVER_LIGHTTPD] = {"lighttpd"},
        [WEBSERVER_NGINX] = {"nginx"},
        [WEBSERVER_APACHE] = {"apache2", "httpd"},
        [WEBSERVER_OTHER] = {"lighttpd", "nginx", "apache2", "httpd"}};

    return programs[f];
}

/* A MiB more than Mesher accepts: a body slightly over the limit gets its answer from
 * Mesher. */
static void
mend_limit(struct report *r, enum webserver f, int64_t limit)
{
    long long mib = limit / (long long)LIMIT_MIB + 1;

    switch (f) {
    case WEBSERVER_LIGHTTPD:
        report_mend(r,
                    "server.max-request-size = %lld    in lighttpd.conf (KiB; also in "
                    "its $HTTP[\"url\"] parts)",
                    mib * 1024);
        break;
    case WEBSERVER_NGINX:
        report_mend(
            r, "client_max_body_size %lldm;    in the server of Mesher in nginx.conf",
            mib);
        break;
    case WEBSERVER_APACHE:
        report_mend(r, "LimitRequestBody %lld    in Apache's configuration",
                    mib * (long long)LIMIT_MIB);
        report_mend(r,
                    "FcgidMaxRequestLen %lld    where mod_fcgid runs Mesher: in the "
                    "server or <VirtualHost>",
                    mib * (long long)LIMIT_MIB);
        break;
    case WEBSERVER_OTHER:
    case N_WEBSERVERS:
        report_mend(r, "raise the web server's limit of a request's body to %lld MiB",
                    mib);
        break;
    }
}

void
webserver_advise(struct report *r, enum webserver f, enum webserver_fault fault,
                 int64_t limit)
{
    if (fault == WEBSERVER_BODY_LIMIT)
        mend_limit(r, f, limit);
    else
        report_mend(r, "%s", texts[fault][f]);
}
