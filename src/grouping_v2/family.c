#include "grouping_v2/family.h"

#include <stddef.h>

enum family
v2_family_of(struct str platform)
{
    static const struct {
        struct str name;
        enum family family;
    } known[] = {
        {STR_INIT("javascript"), FAMILY_JAVASCRIPT},
        {STR_INIT("node"), FAMILY_JAVASCRIPT},
        {STR_INIT("python"), FAMILY_PYTHON},
        {STR_INIT("java"), FAMILY_JAVA},
        {STR_INIT("php"), FAMILY_PHP},
        {STR_INIT("ruby"), FAMILY_RUBY},
        {STR_INIT("go"), FAMILY_GO},
        {STR_INIT("csharp"), FAMILY_CSHARP},
        {STR_INIT("native"), FAMILY_NATIVE},
        {STR_INIT("c"), FAMILY_NATIVE},
        {STR_INIT("objc"), FAMILY_NATIVE},
        {STR_INIT("cocoa"), FAMILY_NATIVE},
        {STR_INIT("swift"), FAMILY_NATIVE},
        {STR_INIT("rust"), FAMILY_NATIVE},
    };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(platform, known[i].name))
            return known[i].family;
    return FAMILY_OTHER;
}
