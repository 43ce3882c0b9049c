/*
 * language: the programming language of a stack frame, which decides how its names are
 * read and whose code it is.
 *
 * SDKs send a platform ("java", "native") for the event and sometimes for a frame; one
 * platform may stand for several languages, so the file's extension and the SDK's name
 * count as well.
 */
#ifndef MESHER_FRAMES_LANGUAGE_H
#define MESHER_FRAMES_LANGUAGE_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/str.h"

enum language {
    LANGUAGE_OTHER,
    LANGUAGE_PYTHON,
    LANGUAGE_JAVASCRIPT, /* browsers, node, Deno, Bun, React Native */
    LANGUAGE_JAVA,       /* also Kotlin, Scala, Clojure, Android */
    LANGUAGE_GO,
    LANGUAGE_RUST,
    LANGUAGE_NATIVE, /* C, C++ and other compiled code */
    LANGUAGE_APPLE,  /* Swift, Objective-C */
    LANGUAGE_DOTNET, /* also Unity */
    LANGUAGE_RUBY,
    LANGUAGE_PHP,
    LANGUAGE_ELIXIR, /* also Erlang */
    LANGUAGE_DART,
    LANGUAGE_PERL,
    LANGUAGE_LUA,
    N_LANGUAGES
};

/* Returns the language of an event: by its platform, for "native" also by the SDK's name
 * ("sentry.rust"); LANGUAGE_OTHER when both are absent or unknown. */
enum language language_of_event(struct str platform, struct str sdk) MUST_CHECK;

/* Returns the language of a frame: by its own platform if it has one, else that of its
 * event; for compiled code and unknown platforms the extension of its file (absent: not
 * known) decides. */
enum language language_of_frame(enum language event, struct str platform,
                                struct str file) MUST_CHECK;

/* Returns whether frames of this language are compiled code with symbols. */
static inline bool
language_is_compiled(enum language l)
{
    return l == LANGUAGE_NATIVE || l == LANGUAGE_RUST || l == LANGUAGE_APPLE;
}

#endif
