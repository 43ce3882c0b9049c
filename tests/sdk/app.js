// app.js PACKAGE DSN MODE: what the tests have @sentry/node send.  Prints a line of JSON for each event.
// main: a message, an exception with its cause, a breadcrumb or two; crash: an exception that ends the
// process; limited: one message after the other for ten seconds, whatever is answered.
"use strict";
const [, , pkg, dsn, mode] = process.argv;
const Sentry = require(pkg);
const statuses = [];

Sentry.init({
  dsn, release: "sdk-test@1.0", environment: "testing", serverName: "box", tracesSampleRate: 0,
  transport: (options) => {
    const real = Sentry.makeNodeTransport(options);
    return {
      ...real,
      send: (envelope) => real.send(envelope).then((answer) => {
        statuses.push(answer.statusCode);
        return answer;
      }),
    };
  },
});

const said = (name, id) => console.log(JSON.stringify({ name, id }));

async function main() {
  Sentry.setTag("runner", "node");
  Sentry.setUser({ id: "u-7", email: "jane@example.org" });
  Sentry.addBreadcrumb({ category: "auth", message: "login", level: "info" });
  Sentry.addBreadcrumb({ category: "cart", message: "added 3" });
  said("message", Sentry.captureMessage("Disk is 91% full", "warning"));
  try {
    try {
      JSON.parse("{");
    } catch (cause) {
      throw new TypeError("cannot read the cart", { cause });
    }
  } catch (e) {
    said("error", Sentry.captureException(e, { level: "fatal", tags: { part: "cart" } }));
  }
  if (!(await Sentry.flush(10000)) || statuses.some((s) => s !== undefined && s !== 200)) {
    console.error("not all was taken:", statuses);
    process.exit(1);
  }
}

function crash() {
  Sentry.setTag("runner", "node");
  Sentry.addEventProcessor((event) => {
    if (event.exception) said("crash", event.event_id);
    return event;
  });
  throw new RangeError("nobody catches this");
}

async function limited() {
  for (let n = 0; n < 40; n++) {
    said("limited", Sentry.captureMessage(`limited ${n}`));
    await Sentry.flush(2000);
    await new Promise((done) => setTimeout(done, 250));
  }
  console.log(JSON.stringify({ name: "statuses", statuses }));
}

({ main, crash, limited })[mode]();
