"""app.py DSN: what the tests have sentry-sdk send; see ../node/app.js."""

import json
import sys
import time

import sentry_sdk
from sentry_sdk.crons import capture_checkin

crashing = False
failed = []


class Transport(sentry_sdk.transport.HttpTransport):
    """flush() tells nothing, so what was not sent is counted here."""

    def record_lost_event(self, reason, *args, **kwargs):
        failed.append(reason)
        super().record_lost_event(reason, *args, **kwargs)


def say(**answer):
    print(json.dumps(answer), flush=True)


def before_send(event, _):
    if crashing:
        say(step="crash", id=event["event_id"])
    return event


def message():
    return sentry_sdk.capture_message("Disk is 91% full", level="warning")


def error():
    try:
        try:
            json.loads("{")
        except ValueError as cause:
            raise TypeError("cannot read the cart") from cause
    except TypeError as e:
        with sentry_sdk.new_scope() as scope:
            scope.set_level("fatal")
            scope.set_tag("part", "cart")
            return sentry_sdk.capture_exception(e)


def attachment():
    with sentry_sdk.new_scope() as scope:
        scope.add_attachment(bytes(range(256)) * 8, filename="notes.bin")
        return sentry_sdk.capture_message("with a file")


def session():
    sentry_sdk.start_session()
    sentry_sdk.end_session()


def check_in():
    slug = "nightly"
    config = {"schedule": {"type": "crontab", "value": "0 3 * * *"}, "checkin_margin": 5, "max_runtime": 30,
              "timezone": "Etc/UTC"}
    one = capture_checkin(monitor_slug=slug, status="in_progress", monitor_config=config)
    capture_checkin(monitor_slug=slug, check_in_id=one, status="ok", duration=2.5, monitor_config=config)


def limited():
    for n in range(28):
        sentry_sdk.capture_message(f"limited {n}", level="info")
        sentry_sdk.flush(2)
        time.sleep(0.25)


STEPS = {"message": message, "error": error, "attachment": attachment, "session": session, "check-in": check_in,
         "limited": limited}

sentry_sdk.init(sys.argv[1], release="sdk-live@1.0", environment="testing", server_name="box", transport=Transport,
                before_send=before_send, auto_session_tracking=False, keep_alive=True)
sentry_sdk.set_tag("runner", "python")
sentry_sdk.set_user({"id": "u-7", "email": "jane@example.org"})
sentry_sdk.add_breadcrumb(category="auth", message="login", level="info")
sentry_sdk.add_breadcrumb(category="cart", message="added 3")

for line in sys.stdin:
    step, _, text = line.strip().partition(" ")
    if step == "crash":
        crashing = True
        raise OSError("nobody catches this")
    if step == "feedback":
        say(step=step, absent=True)
        continue
    failed.clear()
    event_id = sentry_sdk.capture_message(text, level="info") if step == "say" else STEPS[step]()
    sentry_sdk.flush(10)
    say(step=step, id=event_id, flushed=not failed)
