"""app.py DSN MODE: what the tests have Debian's python3-sentry-sdk send; see app.js."""

import json
import sys
import time

import sentry_sdk

dsn, mode = sys.argv[1:]
failures = []


class Transport(sentry_sdk.transport.HttpTransport):
    """Tells of every answer that is not 200."""

    def _update_rate_limits(self, response):
        if response.status != 200:
            failures.append(response.status)
        super()._update_rate_limits(response)


def said(name, event_id):
    print(json.dumps({"name": name, "id": event_id}), flush=True)


def tell_crash(event, _):
    if mode == "crash":
        said("crash", event["event_id"])
    return event


sentry_sdk.init(dsn, release="sdk-test@1.0", environment="testing", server_name="box", transport=Transport,
                before_send=tell_crash)
sentry_sdk.set_tag("runner", "python")

if mode == "main":
    sentry_sdk.set_user({"id": "u-7", "email": "jane@example.org"})
    sentry_sdk.add_breadcrumb(category="auth", message="login", level="info")
    sentry_sdk.add_breadcrumb(category="cart", message="added 3")
    said("message", sentry_sdk.capture_message("Disk is 91% full", level="warning"))
    try:
        try:
            json.loads("{")
        except ValueError as cause:
            raise TypeError("cannot read the cart") from cause
    except TypeError as e:
        with sentry_sdk.push_scope() as scope:
            scope.set_level("fatal")
            scope.set_tag("part", "cart")
            said("error", sentry_sdk.capture_exception(e))
    sentry_sdk.flush(10)
    if failures:
        sys.exit(f"not all was taken: {failures}")
elif mode == "crash":
    raise OSError("nobody catches this")
else:
    for n in range(40):
        said("limited", sentry_sdk.capture_message(f"limited {n}"))
        sentry_sdk.flush(2)
        time.sleep(0.25)
    print(json.dumps({"name": "statuses", "statuses": failures}))
