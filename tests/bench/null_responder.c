/*
 * null_responder: answers 202 without looking at anything: what the web server and
 * FastCGI alone cost.  The measure for everything else.
 */
#include <fcgiapp.h>
#include <stdlib.h>

int
main(void)
{
    FCGX_Request request;

    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
        return EXIT_FAILURE;
    while (FCGX_Accept_r(&request) == 0) {
        (void)FCGX_PutS("Status: 202\r\nContent-Type: application/json\r\n\r\n"
                        "{\"status\":\"accepted\"}\n",
                        request.out);
        FCGX_Finish_r(&request);
    }
    return EXIT_SUCCESS;
}
