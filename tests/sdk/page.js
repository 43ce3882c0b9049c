// The page's script: what the tests have @sentry/browser send from headless Chromium.  The results are left
// in the document's title, where serve.js finds them.
import * as Sentry from "@sentry/browser";

const parameters = new URLSearchParams(location.search);
const statuses = [];

Sentry.init({
  dsn: parameters.get("dsn"), release: "sdk-test@1.0", environment: "testing",
  transport: (options) => {
    const real = Sentry.makeFetchTransport(options);
    return {
      ...real,
      send: (envelope) => real.send(envelope).then((answer) => {
        statuses.push(answer.statusCode);
        return answer;
      }),
    };
  },
});

const ids = {};

async function run() {
  Sentry.setTag("runner", "browser");
  Sentry.setUser({ id: "u-7" });
  Sentry.addBreadcrumb({ category: "auth", message: "login" });
  Sentry.addBreadcrumb({ category: "cart", message: "added 3" });
  ids.message = Sentry.captureMessage("Disk is 91% full", "warning");
  try {
    throw new TypeError("cannot read the cart", { cause: new SyntaxError("bad") });
  } catch (e) {
    ids.error = Sentry.captureException(e, { level: "fatal", tags: { part: "cart" } });
  }
  Sentry.addEventProcessor((event) => {
    if (event.exception && event.exception.values[0].value === "nobody catches this") ids.crash = event.event_id;
    return event;
  });
  setTimeout(() => {
    throw new RangeError("nobody catches this");
  });
  await new Promise((done) => setTimeout(done, 100));
  const flushed = await Sentry.flush(10000);
  await fetch("/result", { method: "POST", body: JSON.stringify({ ids, statuses, flushed }) });
}

run();
