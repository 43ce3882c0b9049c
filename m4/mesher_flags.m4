# MESHER_APPEND_FLAGS(FLAGS)
# --------------------------
# Adds those that the compiler knows to MESHER_CFLAGS.  It is asked about all of them at once, which most often is
# enough, and only then about each: a question takes as long as a small compilation.
AC_DEFUN([MESHER_APPEND_FLAGS], [
AC_MSG_CHECKING([whether $CC knows all of the next flags])
save_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -Werror $1"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM], [known=yes], [known=no])
CFLAGS=$save_CFLAGS
AC_MSG_RESULT([$known])
AS_IF([test $known = yes], [AS_VAR_APPEND([MESHER_CFLAGS], [" $1"])],
  [AX_APPEND_COMPILE_FLAGS([$1], [MESHER_CFLAGS], [-Werror])])
])

# MESHER_FLAGS
# ------------
# Fills MESHER_CFLAGS, MESHER_CPPFLAGS and MESHER_LDFLAGS with the warnings, the hardening and the
# instrumentation that were asked for, and FUZZ_LDFLAGS for the fuzz targets.  The user's CFLAGS
# stay his own.  A flag that the compiler does not know is left out.
AC_DEFUN([MESHER_FLAGS], [
MESHER_CFLAGS=
MESHER_CPPFLAGS=
MESHER_LDFLAGS=
FUZZ_LDFLAGS=

# both compilers
MESHER_APPEND_FLAGS(m4_normalize([
  -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual
  -Wcast-align -Wwrite-strings -Wundef -Wvla -Walloca -Wnull-dereference -Wdouble-promotion
  -Wfloat-equal -Wimplicit-fallthrough -Wredundant-decls -Wnested-externs -Winit-self -Wdate-time
  -Wbad-function-cast -Wframe-larger-than=65536]))
# gcc
MESHER_APPEND_FLAGS(m4_normalize([
  -Wformat-signedness -Wformat-overflow=2 -Wformat-truncation=2 -Wduplicated-cond
  -Wduplicated-branches -Wlogical-op -Wtrampolines -Warith-conversion -Wjump-misses-init
  -Walloc-zero -Wshift-overflow=2 -Wcast-align=strict -Wstringop-overflow=4]))
# clang
MESHER_APPEND_FLAGS(m4_normalize([
  -Wmissing-variable-declarations -Wcomma -Wunreachable-code -Wconditional-uninitialized
  -Wshorten-64-to-32 -Wassign-enum -Wloop-analysis -Wheader-hygiene]))
# Not probed: the probe's own program would fail them.  Both compilers have the first.
AS_VAR_APPEND([MESHER_CFLAGS], [" -Wunused-macros"])
AC_PREPROC_IFELSE([AC_LANG_SOURCE([[
#ifndef __clang__
#error not clang
#endif]])], [AS_VAR_APPEND([MESHER_CFLAGS], [" -Wextra-semi-stmt"])])

MESHER_APPEND_FLAGS([-fno-common -fvisibility=hidden -fPIE])
AS_IF([test "$enable_sanitize" = yes], [
  sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"
  AS_VAR_APPEND([MESHER_CFLAGS], [" -fno-omit-frame-pointer $sanitize"])
  AS_VAR_APPEND([MESHER_LDFLAGS], [" $sanitize"])
  AC_DEFINE([MESHER_SANITIZE], [1], [Define to 1 when built with sanitizers.])
  AS_IF([test "$enable_fuzz" = yes], [
    AC_MSG_CHECKING([whether $CC has libFuzzer])
    save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) { (void)p; (void)n; return 0; }]])],
      [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
       AC_MSG_ERROR([--enable-fuzz needs clang (Debian: clang); say CC=clang])])
    CFLAGS=$save_CFLAGS
    AS_VAR_APPEND([MESHER_CFLAGS], [" -fsanitize=fuzzer-no-link"])
    FUZZ_LDFLAGS="-fsanitize=fuzzer"])
], [
  MESHER_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
  MESHER_APPEND_FLAGS([-fstack-protector-strong -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=pattern])
  # Each program has only the functions of libmesher.a that it calls.
  MESHER_APPEND_FLAGS([-ffunction-sections -fdata-sections])
  AX_APPEND_LINK_FLAGS([-Wl,--gc-sections], [MESHER_LDFLAGS])
])
AX_APPEND_LINK_FLAGS([-pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed], [MESHER_LDFLAGS])

AS_IF([test "$enable_werror" = yes], [AS_VAR_APPEND([MESHER_CFLAGS], [" -Werror"])])

AC_SUBST([MESHER_CFLAGS])
AC_SUBST([MESHER_CPPFLAGS])
AC_SUBST([MESHER_LDFLAGS])
AC_SUBST([FUZZ_LDFLAGS])
])
