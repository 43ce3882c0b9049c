#include "store/usermark.h"

#include <xxhash.h>

#define REGISTER_BITS 10U

int64_t
usermark_of_hash(uint64_t hash)
{
    /* The bit below the 54 ends the run of zeros. */
    uint64_t rest = hash << REGISTER_BITS | (uint64_t)1 << (REGISTER_BITS - 1);
    unsigned rank = (unsigned)__builtin_clzll(rest) + 1;

    return (int64_t)(hash >> (64 - REGISTER_BITS) << 6 | rank);
}

int64_t
usermark_of(struct str user_id)
{
    return usermark_of_hash(XXH3_64bits(user_id.p, user_id.n));
}
