/* statements: the name and the text of every statement, a zero byte behind each. */
#include "store/statements.h"

#include <stdio.h>
#include <string.h>

int
main(void)
{
    for (unsigned s = 0; s < N_STATEMENTS; s++) {
        const char *const texts[] = {statement_name((enum statement)s),
                                     statement_sql((enum statement)s)};

        for (size_t i = 0; i < 2; i++)
            if (fwrite(texts[i], 1, strlen(texts[i]) + 1, stdout) == 0)
                return 1;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
