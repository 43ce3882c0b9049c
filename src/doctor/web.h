/*
 * web: what the checks of the web server share.
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
    enum front front;
    struct webanswer clock; /* the first answer: it has a date */
    bool has_key;
    struct checkup_project project;
    char url[1400];
};

/* Who has no key is refused; pages may ask first. */
void web_no_key(struct web *w);
void web_options(struct web *w);

/* Every way to send a key and a body, with the key of a project that is made for it; or
 * says of each that it was not tried. */
void web_try_all(struct web *w);
void web_skip_trials(struct web *w, const char *why);

/* The WebSocket at public_ws_url. */
void web_socket(struct web *w);

#endif
