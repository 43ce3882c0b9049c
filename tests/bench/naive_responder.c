/*
 * naive_responder: what a first version does: a connection of its own, the body parsed
 * with json-c, then an UPDATE of the rate row and an INSERT with the payload as jsonb,
 * each its own transaction.  It does not even look at the key.
 */
#include <fcgiapp.h>
#include <json-c/json.h>
#include <libpq-fe.h>
#include <stdlib.h>

#define BODY_MAX (1024 * 1024 + 1)

static char body[BODY_MAX];

static PGconn *
open_database(void)
{
    PGconn *db =
        PQconnectdb(getenv("NAIVE_DATABASE")); /* NOLINT(concurrency-mt-unsafe) */
    PGresult *rate, *store;
    int good;

    if (PQstatus(db) != CONNECTION_OK) {
        PQfinish(db);
        return NULL;
    }
    rate = PQprepare(
        db, "rate",
        "UPDATE naive_rate SET used = used + 1 WHERE project_id = 1 AND used < cap "
        "RETURNING used",
        0, NULL);
    store =
        PQprepare(db, "store",
                  "INSERT INTO naive_events (id, received_at, level, message, payload) "
                  "VALUES (gen_random_uuid(), now(), $1, $2, $3) RETURNING id",
                  3, NULL);
    good = PQresultStatus(rate) == PGRES_COMMAND_OK &&
           PQresultStatus(store) == PGRES_COMMAND_OK;
    PQclear(rate);
    PQclear(store);
    if (!good) {
        PQfinish(db);
        return NULL;
    }
    return db;
}

static const char *
text_of(struct json_object *event, const char *name, const char *otherwise)
{
    struct json_object *value;

    return json_object_object_get_ex(event, name, &value) ? json_object_get_string(value)
                                                          : otherwise;
}

/* The status of the request whose body is in place. */
static int
store_event(PGconn *db)
{
    struct json_object *event = json_tokener_parse(body);
    PGresult *result;
    int status;

    if (event == NULL || !json_object_is_type(event, json_type_object)) {
        json_object_put(event);
        return 400;
    }
    result = PQexecPrepared(db, "rate", 0, NULL, NULL, NULL, 0);
    status = PQntuples(result) == 1 ? 202 : 429;
    PQclear(result);
    if (status == 202) {
        const char *const values[] = {text_of(event, "level", "error"),
                                      text_of(event, "message", NULL), body};

        result = PQexecPrepared(db, "store", 3, values, NULL, NULL, 0);
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
            status = 500;
        PQclear(result);
    }
    json_object_put(event);
    return status;
}

int
main(void)
{
    FCGX_Request request;
    PGconn *db = open_database();

    if (db == NULL || FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
        return EXIT_FAILURE;
    while (FCGX_Accept_r(&request) == 0) {
        int n = FCGX_GetStr(body, BODY_MAX - 1, request.in);

        body[n] = '\0';
        (void)FCGX_FPrintF(request.out,
                           "Status: %d\r\nContent-Type: application/json\r\n\r\n"
                           "{\"status\":\"done\"}\n",
                           store_event(db));
        FCGX_Finish_r(&request);
    }
    PQfinish(db);
    return EXIT_SUCCESS;
}
