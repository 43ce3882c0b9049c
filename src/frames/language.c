#include "frames/language.h"

#include <stddef.h>

struct named {
    struct str name;
    enum language language;
};

static const struct named platforms[] = {
    {STR_INIT("python"), LANGUAGE_PYTHON},
    {STR_INIT("javascript"), LANGUAGE_JAVASCRIPT},
    {STR_INIT("node"), LANGUAGE_JAVASCRIPT},
    {STR_INIT("java"), LANGUAGE_JAVA},
    {STR_INIT("kotlin"), LANGUAGE_JAVA},
    {STR_INIT("scala"), LANGUAGE_JAVA},
    {STR_INIT("clojure"), LANGUAGE_JAVA},
    {STR_INIT("go"), LANGUAGE_GO},
    {STR_INIT("rust"), LANGUAGE_RUST},
    {STR_INIT("native"), LANGUAGE_NATIVE},
    {STR_INIT("c"), LANGUAGE_NATIVE},
    {STR_INIT("cpp"), LANGUAGE_NATIVE},
    {STR_INIT("objc"), LANGUAGE_APPLE},
    {STR_INIT("cocoa"), LANGUAGE_APPLE},
    {STR_INIT("swift"), LANGUAGE_APPLE},
    {STR_INIT("csharp"), LANGUAGE_DOTNET},
    {STR_INIT("dotnet"), LANGUAGE_DOTNET},
    {STR_INIT("ruby"), LANGUAGE_RUBY},
    {STR_INIT("php"), LANGUAGE_PHP},
    {STR_INIT("elixir"), LANGUAGE_ELIXIR},
    {STR_INIT("erlang"), LANGUAGE_ELIXIR},
    {STR_INIT("dart"), LANGUAGE_DART},
    {STR_INIT("flutter"), LANGUAGE_DART},
    {STR_INIT("perl"), LANGUAGE_PERL},
    {STR_INIT("lua"), LANGUAGE_LUA},
};

static const struct named extensions[] = {
    {STR_INIT("rs"), LANGUAGE_RUST},        {STR_INIT("swift"), LANGUAGE_APPLE},
    {STR_INIT("m"), LANGUAGE_APPLE},        {STR_INIT("mm"), LANGUAGE_APPLE},
    {STR_INIT("py"), LANGUAGE_PYTHON},      {STR_INIT("js"), LANGUAGE_JAVASCRIPT},
    {STR_INIT("mjs"), LANGUAGE_JAVASCRIPT}, {STR_INIT("cjs"), LANGUAGE_JAVASCRIPT},
    {STR_INIT("ts"), LANGUAGE_JAVASCRIPT},  {STR_INIT("tsx"), LANGUAGE_JAVASCRIPT},
    {STR_INIT("jsx"), LANGUAGE_JAVASCRIPT}, {STR_INIT("vue"), LANGUAGE_JAVASCRIPT},
    {STR_INIT("java"), LANGUAGE_JAVA},      {STR_INIT("kt"), LANGUAGE_JAVA},
    {STR_INIT("scala"), LANGUAGE_JAVA},     {STR_INIT("clj"), LANGUAGE_JAVA},
    {STR_INIT("go"), LANGUAGE_GO},          {STR_INIT("rb"), LANGUAGE_RUBY},
    {STR_INIT("php"), LANGUAGE_PHP},        {STR_INIT("cs"), LANGUAGE_DOTNET},
    {STR_INIT("ex"), LANGUAGE_ELIXIR},      {STR_INIT("exs"), LANGUAGE_ELIXIR},
    {STR_INIT("erl"), LANGUAGE_ELIXIR},     {STR_INIT("dart"), LANGUAGE_DART},
    {STR_INIT("pl"), LANGUAGE_PERL},        {STR_INIT("pm"), LANGUAGE_PERL},
    {STR_INIT("lua"), LANGUAGE_LUA},        {STR_INIT("c"), LANGUAGE_NATIVE},
    {STR_INIT("cc"), LANGUAGE_NATIVE},      {STR_INIT("cpp"), LANGUAGE_NATIVE},
    {STR_INIT("h"), LANGUAGE_NATIVE},       {STR_INIT("hpp"), LANGUAGE_NATIVE},
};

static enum language
find(const struct named *list, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(name, list[i].name))
            return list[i].language;
    return LANGUAGE_OTHER;
}

enum language
language_of_event(struct str platform, struct str sdk)
{
    static const struct named sdks[] = {{STR_INIT("sentry.rust"), LANGUAGE_RUST},
                                        {STR_INIT("sentry.cocoa"), LANGUAGE_APPLE},
                                        {STR_INIT("sentry.dart"), LANGUAGE_DART},
                                        {STR_INIT("sentry.elixir"), LANGUAGE_ELIXIR}};
    enum language l = find(platforms, COUNT_OF(platforms), platform);

    if (l != LANGUAGE_NATIVE && l != LANGUAGE_OTHER)
        return l;
    for (size_t i = 0; i < COUNT_OF(sdks); i++)
        if (str_starts(sdk, sdks[i].name))
            return sdks[i].language;
    return l;
}

/* The part of the file's name after the last dot. */
static struct str
extension(struct str file)
{
    for (size_t i = file.n; i > 0 && file.p[i - 1] != '/' && file.p[i - 1] != '\\'; i--)
        if (file.p[i - 1] == '.')
            return (struct str){file.p + i, file.n - i};
    return STR_NONE;
}

enum language
language_of_frame(enum language event, struct str platform, struct str file)
{
    enum language l = event, by_file;

    if (platform.p != NULL) {
        l = find(platforms, COUNT_OF(platforms), platform);
        if (l == LANGUAGE_NATIVE && language_is_compiled(event))
            l = event;
    }
    if (l != LANGUAGE_OTHER && !language_is_compiled(l))
        return l;
    by_file = find(extensions, COUNT_OF(extensions), extension(file));
    if (by_file == LANGUAGE_OTHER)
        return l;
    return l == LANGUAGE_OTHER || language_is_compiled(by_file) ? by_file : l;
}
