#include <string.h>

#include "frames/owner.h"
#include "unit.h"

struct row {
    int line;
    enum language language;
    const char *path, *package, *module, *function;
    const char *owner; /* NULL: no rule fits */
};

static const struct row rows[] = {
    {__LINE__, LANGUAGE_PYTHON, "/srv/venv/lib/python3.11/site-packages/flask/app.py",
     NULL, "flask.app", "wsgi_app", "library"},
    {__LINE__, LANGUAGE_PYTHON, "C:\\py\\Lib\\site-packages\\flask\\app.py", NULL, NULL,
     NULL, "library"},
    {__LINE__, LANGUAGE_PYTHON, "/usr/lib/python3.11/json/decoder.py", NULL,
     "json.decoder", "decode", "runtime"},
    {__LINE__, LANGUAGE_PYTHON, "/usr/lib/python3.11/logging/__init__.py", NULL,
     "logging", "_log", "machinery"},
    {__LINE__, LANGUAGE_PYTHON, "/usr/lib/python3.11/threading.py", NULL, "threading",
     "run", "start"},
    {__LINE__, LANGUAGE_PYTHON, "/srv/app/views.py", NULL, "app.views", "cart", NULL},
    {__LINE__, LANGUAGE_PYTHON, "/srv/my-site-packages-tool/x.py", NULL, "tool", "f",
     NULL},
    {__LINE__, LANGUAGE_PYTHON, "/srv/<sqlalchemy generated _go() wrapper for x>", NULL,
     "x", "commit", "runtime"},
    {__LINE__, LANGUAGE_JAVASCRIPT, "webpack:///./node_modules/react/index.js", NULL,
     NULL, "render", "library"},
    {__LINE__, LANGUAGE_JAVASCRIPT, "https://cdn.jsdelivr.net/npm/x.js", NULL, NULL, "f",
     "library"},
    {__LINE__, LANGUAGE_JAVASCRIPT, "node:internal/process/task_queues", NULL, NULL,
     "process.processTicksAndRejections", "start"},
    {__LINE__, LANGUAGE_JAVASCRIPT, "node:events", NULL, NULL, "emit", "runtime"},
    {__LINE__, LANGUAGE_JAVASCRIPT, "/srv/app/cart.js", NULL, "cart", "add", NULL},
    {__LINE__, LANGUAGE_JAVA, NULL, NULL, "org.springframework.web.Servlet", "doGet",
     "library"},
    {__LINE__, LANGUAGE_JAVA, NULL, NULL, "java.lang.reflect.Method", "invoke",
     "machinery"},
    {__LINE__, LANGUAGE_JAVA, NULL, NULL, "java.lang.Thread", "run", "start"},
    {__LINE__, LANGUAGE_JAVA, NULL, NULL, "java.util.ArrayList", "get", "runtime"},
    {__LINE__, LANGUAGE_JAVA, NULL, NULL, "com.acme.Cart", "add", NULL},
    {__LINE__, LANGUAGE_GO, "github.com/gin-gonic/gin@v1.12.0/context.go", NULL,
     "github.com/gin-gonic/gin", "(*Context).Next", "library"},
    {__LINE__, LANGUAGE_GO, "net/http/server.go", NULL, "net/http", "(*conn).serve",
     "start"},
    {__LINE__, LANGUAGE_GO, "encoding/json/decode.go", NULL, "encoding/json", "Unmarshal",
     "runtime"},
    {__LINE__, LANGUAGE_GO, "/src/vendor-portal/main.go", NULL, "main", "main", NULL},
    {__LINE__, LANGUAGE_GO, NULL, NULL, "runtime", "gopanic", "machinery"},
    {__LINE__, LANGUAGE_RUST, "/root/.cargo/registry/src/x/axum-0.7/src/route.rs", NULL,
     NULL, "axum::route", "library"},
    {__LINE__, LANGUAGE_RUST, "/rustc/0123/library/core/src/option.rs", NULL, NULL,
     "core::option::unwrap_failed", "machinery"},
    {__LINE__, LANGUAGE_RUST, "src/main.rs", NULL, NULL, "billing::main", NULL},
    {__LINE__, LANGUAGE_NATIVE, NULL, "/usr/lib/x86_64-linux-gnu/libc.so.6", NULL,
     "gsignal", "machinery"},
    {__LINE__, LANGUAGE_NATIVE, NULL, "C:\\WINDOWS\\System32\\user32.dll", NULL, "f",
     "library"},
    {__LINE__, LANGUAGE_NATIVE, NULL, "/srv/app/shop", NULL, "Cart::add", NULL},
    {__LINE__, LANGUAGE_APPLE, NULL, "/System/Library/Frameworks/UIKit", NULL,
     "-[UIView layout]", "runtime"},
    {__LINE__, LANGUAGE_APPLE, NULL, "/var/containers/Bundle/Application/X/App.app/App",
     NULL, "-[SentryClient x]", "machinery"},
    {__LINE__, LANGUAGE_DOTNET, NULL, NULL, "Microsoft.AspNetCore.Mvc.Controller",
     "Invoke", "runtime"},
    {__LINE__, LANGUAGE_DOTNET, NULL, NULL,
     "System.Runtime.ExceptionServices.ExceptionDispatchInfo", "Throw", "machinery"},
    {__LINE__, LANGUAGE_DOTNET, NULL, NULL, "Shop.Cart", "Add", NULL},
    {__LINE__, LANGUAGE_RUBY, "/usr/lib/ruby/gems/3.1.0/gems/rack-2.2.4/lib/rack/head.rb",
     NULL, NULL, "call", "library"},
    {__LINE__, LANGUAGE_RUBY, "/srv/app/models/cart.rb", NULL, NULL, "add", NULL},
    {__LINE__, LANGUAGE_PHP, "/srv/vendor/laravel/framework/src/x.php", NULL, NULL,
     "Illuminate\\X::y", "library"},
    {__LINE__, LANGUAGE_PHP, "/srv/app/Cart.php", NULL, NULL, "App\\Cart::add", NULL},
    {__LINE__, LANGUAGE_ELIXIR, "lib/enum.ex", NULL, "Enum", "map/2", "runtime"},
    {__LINE__, LANGUAGE_ELIXIR, "deps/plug/lib/plug.ex", NULL, "Plug.Router", "call/2",
     "library"},
    {__LINE__, LANGUAGE_ELIXIR, "lib/my_app/cart.ex", NULL, "MyApp.Cart", "add/2", NULL},
    {__LINE__, LANGUAGE_DART, "package:flutter/src/widgets/x.dart", NULL, NULL, "build",
     "library"},
    {__LINE__, LANGUAGE_DART, "package:shop/cart.dart", NULL, NULL, "add", NULL},
    {__LINE__, LANGUAGE_PERL, "/usr/share/perl5/Carp.pm", NULL, "Carp", "croak",
     "machinery"},
    {__LINE__, LANGUAGE_LUA, "[C]", NULL, NULL, "print", "runtime"},
    {__LINE__, LANGUAGE_OTHER, "/srv/x.cr", NULL, NULL, "f", NULL},
};

static void
tables_decide(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *r = &rows[i];
        const struct owner_frame f = {.language = r->language,
                                      .path = str_of(r->path),
                                      .package = str_of(r->package),
                                      .module = str_of(r->module),
                                      .function = str_of(r->function)};
        struct owner_answer a;
        bool found = owner_find(&f, &a);

        UNIT_STR_AT(r->line, found ? str_of(owner_name(a.owner)) : STR_NONE, r->owner);
        UNIT_EQ_AT(r->line, found && a.why.n == 0, false);
    }
}

/* What the SDK says, where no table knows the frame. */
static void
the_sdk_is_believed_where_it_means_something(void)
{
    static const struct {
        int line;
        enum language language;
        enum owner_said said;
        bool some_true, in_modules;
        enum owner owner;
    } said[] = {
        {__LINE__, LANGUAGE_PYTHON, OWNER_SAID_TRUE, true, false, OWNER_PROGRAM},
        {__LINE__, LANGUAGE_PYTHON, OWNER_SAID_FALSE, true, false, OWNER_LIBRARY},
        {__LINE__, LANGUAGE_PYTHON, OWNER_SAID_FALSE, false, false, OWNER_PROGRAM},
        {__LINE__, LANGUAGE_PYTHON, OWNER_SAID_NOTHING, true, false, OWNER_LIBRARY},
        {__LINE__, LANGUAGE_PYTHON, OWNER_SAID_NOTHING, false, false, OWNER_PROGRAM},
        {__LINE__, LANGUAGE_NATIVE, OWNER_SAID_NOTHING, true, false, OWNER_PROGRAM},
        {__LINE__, LANGUAGE_GO, OWNER_SAID_FALSE, true, false, OWNER_PROGRAM},
        {__LINE__, LANGUAGE_GO, OWNER_SAID_TRUE, true, true, OWNER_LIBRARY},
    };

    for (size_t i = 0; i < COUNT_OF(said); i++) {
        const struct owner_event ev = {.some_true = said[i].some_true};
        const struct owner_frame f = {.language = said[i].language,
                                      .in_app = said[i].said,
                                      .in_modules = said[i].in_modules};

        UNIT_EQ_AT(said[i].line, owner_decide(&ev, &f, NULL).owner, said[i].owner);
    }
}

/* A library that the program's author wants to see. */
static void
a_wish_is_granted(void)
{
    const struct owner_answer library = {OWNER_LIBRARY, STR_INIT("x")},
                              start = {OWNER_START, STR_INIT("x")};
    struct owner_frame f = {.language = LANGUAGE_PYTHON, .in_app = OWNER_SAID_TRUE};
    struct owner_event ev = {.modules = 0};

    owner_note(&ev, &f, &library);
    UNIT_EQ(owner_decide(&ev, &f, &library).owner, OWNER_LIBRARY); /* it says so of all */
    f.in_app = OWNER_SAID_FALSE;
    owner_note(&ev, &f, &library);
    UNIT_EQ(owner_decide(&ev, &f, &library).owner, OWNER_LIBRARY);
    f.in_app = OWNER_SAID_TRUE;
    UNIT_EQ(owner_decide(&ev, &f, &library).owner, OWNER_PROGRAM);
    UNIT_EQ(owner_decide(&ev, &f, &start).owner, OWNER_START);
    f.language = LANGUAGE_GO;
    UNIT_EQ(owner_decide(&ev, &f, &library).owner, OWNER_LIBRARY);
}

/* Each pattern of a hostile name is tried once at each place. */
static void
long_names_are_cut(void)
{
    static char text[100000];
    struct owner_answer a;
    struct owner_frame f = {.language = LANGUAGE_PYTHON};

    (void)memset(text, '/', sizeof text);
    f.path = f.module = f.function = f.package = (struct str){text, sizeof text};
    UNIT(!owner_find(&f, &a));
    (void)memset(text, '*', sizeof text);
    UNIT(!owner_find(&f, &a));
}

static const struct unit_test tests[] = {
    {"tables_decide", tables_decide},
    {"the_sdk_is_believed_where_it_means_something",
     the_sdk_is_believed_where_it_means_something},
    {"a_wish_is_granted", a_wish_is_granted},
    {"long_names_are_cut", long_names_are_cut},
};

const struct unit_suite suite_owner = {"owner", tests, COUNT_OF(tests)};
