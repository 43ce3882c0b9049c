// serve.js DSN CHROMIUM BUNDLE: serves a page with the bundle on a port of its own, which makes it another
// origin than Mesher's, opens it in Chromium and prints what it reports.
"use strict";
const http = require("http");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { spawn } = require("child_process");

const [, , dsn, chromium, bundle] = process.argv;
const profile = fs.mkdtempSync(path.join(os.tmpdir(), "mesher-chromium-"));
let browser;

let ending = false;

function end(code) {
  const leave = () => {
    try {
      fs.rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    } catch (e) {
      console.error("left behind:", profile); // a helper process of the browser still writes there
    }
    process.exit(code);
  };
  if (ending) return;
  ending = true;
  if (!browser || browser.exitCode !== null) leave();
  browser.removeAllListeners("exit");
  browser.on("exit", leave);
  browser.kill("SIGTERM");
}

const server = http.createServer((request, response) => {
  if (request.method === "POST") {
    let body = "";
    request.on("data", (piece) => { body += piece; });
    request.on("end", () => {
      response.end();
      const { ids, statuses, flushed } = JSON.parse(body);
      for (const [name, id] of Object.entries(ids)) console.log(JSON.stringify({ name, id }));
      const good = flushed && statuses.length >= 3 && statuses.every((s) => s === 200);
      if (!good) console.error("not all was taken:", body);
      end(good ? 0 : 1);
    });
  } else if (request.url === "/page.js") {
    response.setHeader("Content-Type", "text/javascript");
    response.end(fs.readFileSync(bundle));
  } else {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>shop</title><script src=/page.js></script>");
  }
});

server.listen(0, "127.0.0.1", () => {
  const page = `http://127.0.0.1:${server.address().port}/?dsn=${encodeURIComponent(dsn)}`;
  browser = spawn(chromium, ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-dev-shm-usage", `--user-data-dir=${profile}`, page], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  browser.stderr.on("data", (piece) => { log = (log + piece).slice(-4000); });
  browser.on("exit", () => { console.error("the browser ended:", log); end(1); });
  setTimeout(() => { console.error("no result from the page:", log); end(1); }, 60000);
});
