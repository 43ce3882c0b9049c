/*
 * web: shared by the checks of the web server.
 */
#ifndef MESHER_DOCTOR_WEB_H
#define MESHER_DOCTOR_WEB_H

#include <stdbool.h>

#include "admin/server_info.h"
#include "doctor/doctor.h"
#include "doctor/webrequest.h"
#include "doctor/webserver.h"

struct web {
    struct doctor *d;
    enum webserver front;
    struct webanswer clock; /* the first answer, for its date */
    bool has_key;
    struct server_info_project project;
    char url[1400];
};

/* Checks that a request without a key is refused, and that preflight requests are
 * answered. */
void web_no_key(struct web *w);
void web_options(struct web *w);

/* Checks how long the server keeps idle connections. */
void web_idle(struct web *w);

/* Tries every way to send a key and a body, with the key of a temporary project; or
 * reports each of them as not tried. */
void web_try_all(struct web *w);
void web_skip_trials(struct web *w, const char *why);

/* Checks the WebSocket at public_ws_url. */
void web_socket(struct web *w);

#endif
