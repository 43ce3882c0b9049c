// app.js DSN: what the tests have @sentry/node send.  Reads a step per line from its standard input, does it, waits until
// the SDK has sent all, and answers with a line of JSON: {"step", "id" (of an event), "flushed"}, or {"step", "absent"}
// if the SDK has no such thing.  The programs for the other languages beside this one know the same steps.
"use strict";
const Sentry = require("@sentry/node");
const lines = require("node:readline").createInterface({ input: process.stdin });
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
let crashing = false;

Sentry.init({
  dsn: process.argv[2], release: "sdk-live@1.0", environment: "testing", serverName: "box",
  transportOptions: { keepAlive: true },
  // The session of the process would be sent at its end; the step "session" has its own.
  integrations: (all) => all.filter((one) => one.name !== "ProcessSession"),
  beforeSend: (event) => {
    if (crashing) say({ step: "crash", id: event.event_id });
    return event;
  },
});
Sentry.setTag("runner", "node");
Sentry.setUser({ id: "u-7", email: "jane@example.org" });
Sentry.addBreadcrumb({ category: "auth", message: "login", level: "info" });
Sentry.addBreadcrumb({ category: "cart", message: "added 3" });

let last;
const steps = {
  message: () => (last = Sentry.captureMessage("Disk is 91% full", "warning")),
  error: () => {
    try {
      try {
        JSON.parse("{");
      } catch (cause) {
        throw new TypeError("cannot read the cart", { cause });
      }
    } catch (e) {
      return Sentry.captureException(e, { level: "fatal", tags: { part: "cart" } });
    }
  },
  attachment: () => Sentry.withScope((scope) => {
    scope.addAttachment({ filename: "notes.bin", data: Uint8Array.from({ length: 2048 }, (_, i) => i % 256) });
    return Sentry.captureMessage("with a file");
  }),
  session: () => {
    Sentry.startSession();
    Sentry.endSession();
  },
  "check-in": () => {
    const monitorSlug = "nightly";
    const config = { schedule: { type: "crontab", value: "0 3 * * *" }, checkinMargin: 5, maxRuntime: 30, timezone: "Etc/UTC" };
    const checkInId = Sentry.captureCheckIn({ monitorSlug, status: "in_progress" }, config);
    Sentry.captureCheckIn({ monitorSlug, status: "ok", checkInId, duration: 2.5 });
  },
  feedback: () => {
    Sentry.captureFeedback({ name: "Jane", email: "jane@example.org", message: "it broke", associatedEventId: last });
  },
  say: (text) => Sentry.captureMessage(text, "info"),
  // A message each quarter of a second for seven seconds, whatever is answered.
  limited: async () => {
    for (let n = 0; n < 28; n++) {
      Sentry.captureMessage(`limited ${n}`, "info");
      await Sentry.flush(2000);
      await new Promise((done) => setTimeout(done, 250));
    }
  },
  crash: () => {
    crashing = true;
    setTimeout(() => {
      throw new RangeError("nobody catches this");
    });
    return new Promise(() => {});
  },
};

(async () => {
  for await (const line of lines) {
    const [, step, text] = line.match(/^(\S+) ?(.*)$/);
    const id = await steps[step](text);
    say({ step, id, flushed: await Sentry.flush(10000) });
  }
})();
