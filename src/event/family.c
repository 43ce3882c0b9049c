#include "event/family.h"

#include <stddef.h>

#define TEXT(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

enum family
family_of(struct str platform)
{
    static const struct {
        struct str name;
        enum family family;
    } known[] = {
        {TEXT("javascript"), FAMILY_JAVASCRIPT},
        {TEXT("node"), FAMILY_JAVASCRIPT},
        {TEXT("python"), FAMILY_PYTHON},
        {TEXT("java"), FAMILY_JAVA},
        {TEXT("php"), FAMILY_PHP},
        {TEXT("ruby"), FAMILY_RUBY},
        {TEXT("go"), FAMILY_GO},
        {TEXT("csharp"), FAMILY_CSHARP},
        {TEXT("native"), FAMILY_NATIVE},
        {TEXT("c"), FAMILY_NATIVE},
        {TEXT("objc"), FAMILY_NATIVE},
        {TEXT("cocoa"), FAMILY_NATIVE},
        {TEXT("swift"), FAMILY_NATIVE},
        {TEXT("rust"), FAMILY_NATIVE},
    };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(platform, known[i].name))
            return known[i].family;
    return FAMILY_OTHER;
}
